"""Where the database and the user's forms are."""

from __future__ import annotations

from pathlib import Path

import pytest

from refundtracker import paths
from refundtracker.config import Config
from refundtracker.errors import BadConfig

OPTION = Path("option")
HOME = {"HOME": "/home/me"}
XDG = HOME | {"XDG_STATE_HOME": "/state", "XDG_CONFIG_HOME": "/conf"}
SERVICE = XDG | {"STATE_DIRECTORY": "/var/lib/refundtracker:/var/lib/other"}
CONFIGURED = Config(path=Path("/conf/c.toml"), database=Path("/srv/r.db"), forms_dir=Path("/srv/forms"))


@pytest.mark.parametrize(
    ("explicit", "config", "environ", "expected"),
    [
        (OPTION, CONFIGURED, SERVICE, "option"),
        (None, CONFIGURED, SERVICE, "/srv/r.db"),
        (None, Config(), SERVICE, "/var/lib/refundtracker/refunds.db"),
        (None, Config(), XDG, "/state/refundtracker/refunds.db"),
        (None, Config(), HOME, "/home/me/.local/state/refundtracker/refunds.db"),
        (None, Config(), HOME | {"STATE_DIRECTORY": ""}, "/home/me/.local/state/refundtracker/refunds.db"),
    ],
)
def test_database(explicit: Path | None, config: Config, environ: dict[str, str], expected: str) -> None:
    """The option, then the configuration, then systemd, then the user's own directory."""
    assert paths.database(explicit, config, environ) == Path(expected)


def test_a_shell_opens_the_database_of_the_system_service() -> None:
    """The service is told its state directory by systemd, `refunds` in a shell is not."""
    config = Config(path=paths.SYSTEM_CONFIG)

    assert paths.database(None, config, XDG) == paths.database(None, config, SERVICE)


@pytest.mark.parametrize(
    ("explicit", "config", "environ", "expected"),
    [
        (OPTION, CONFIGURED, XDG, "option"),
        (None, CONFIGURED, XDG, "/srv/forms"),
        (None, Config(path=Path("/etc/x/c.toml")), XDG, "/etc/x/forms"),
        (None, Config(), XDG, "/conf/refundtracker/forms"),
        (None, Config(), HOME, "/home/me/.config/refundtracker/forms"),
    ],
)
def test_forms(explicit: Path | None, config: Config, environ: dict[str, str], expected: str) -> None:
    """The option, then the configuration, then beside the configuration file."""
    assert paths.forms(explicit, config, environ) == Path(expected)


def test_relative_xdg_directories_are_ignored() -> None:
    """So says the XDG Base Directory Specification."""
    environ = HOME | {"XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "."}

    assert paths.state_directory(environ) == Path("/home/me/.local/state/refundtracker")
    assert paths.config_directory(environ) == Path("/home/me/.config/refundtracker")


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "me"}])
def test_without_a_home(environ: dict[str, str]) -> None:
    """A service without a home is told what to name, instead of writing to some other place."""
    assert paths.config_directory(environ) is None
    with pytest.raises(BadConfig, match=r"HOME is not set.*; give --db PATH, or database = in the section"):
        paths.database(None, Config(), environ)
    with pytest.raises(BadConfig, match=r"HOME is not set.*; give --forms DIR"):
        paths.forms(None, Config(), environ)
