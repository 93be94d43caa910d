# Needs Python 3.11 or newer with pip and venv, and make; everything else goes into .venv.
# Another Python: make demo PYTHON=/path/to/python3.12

PYTHON ?= python3
VENV   ?= .venv
# One test process for each core; `make test JOBS=0` runs them in one.
JOBS   ?= auto
# Only some tests: make test TESTS=tests/test_demo.py
TESTS  ?=
# A shorter or longer fault run: make faults KILLS=100
KILLS  ?= 500

BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check --quiet
CHECKED := daemon parsers tests benchmarks

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check golden bench faults test-systemd fuzz clean

help:            ## this list
	@sed -n 's/^\([a-z-]*\): .*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 21

demo: $(VENV)/.demo      ## the whole product on a sample mailbox; needs no account
	@$(BIN)/refundd demo

test: $(VENV)/.test      ## every test, on all cores
	@$(BIN)/python -m pytest -n $(JOBS) $(TESTS)

check: $(VENV)/.check     ## lint, format, types, and which module may import which
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/ruff format --check $(CHECKED)
	@$(BIN)/mypy
	@$(BIN)/lint-imports

golden: $(VENV)/.test    ## write the expected answers beside the sample mails anew; look at the difference
	@$(BIN)/python -m pytest -q --golden tests/parsers/test_golden.py

bench: $(VENV)/.test     ## time against mail-parser, memory, false notices, teaching; some minutes
	@status=0; for each in reading memory negatives teaching idle linking; do \
	  echo "== $$each"; PYTHONPATH=tests $(BIN)/python -m benchmarks.$$each || status=1; done; exit $$status

faults: $(VENV)/.test    ## kill the service 500 times at random points, with every other fault; about ten minutes
	@PYTHONPATH=tests $(BIN)/python -m faults.run --kills $(KILLS)

test-systemd: $(VENV)/.test  ## boot a real systemd in a container and run the unit in it; needs root
	@$(BIN)/python -m pytest -n 0 tests/boot/under_systemd.py

fuzz: $(VENV)/.test      ## look for bytes that stop the reader; ends with Ctrl-C
	@PYTHONPATH=tests $(BIN)/python tests/fuzz/fuzz_read.py .fuzz -artifact_prefix=.fuzz/

clean:           ## remove .venv and everything that tools have left
	@rm -rf $(VENV) .fuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@find daemon parsers tests -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed is remembered in a file for each extra, and renewed when pyproject.toml changes.
$(VENV)/.%: pyproject.toml | $(BIN)/python
	@echo "installing refundtracker[$*] into $(VENV)"
	@$(PIP) install --editable '.[$*]'
	@touch $@

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "make: there is no $(PYTHON); install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $$("$(PYTHON)" -V 2>&1) is too old; Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: $(PYTHON) has no venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV)
