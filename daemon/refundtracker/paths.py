"""Where files are: the configuration, the database, the user's own forms. Nothing is created here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from refundtracker.errors import BadConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refundtracker.config import Config

NAME = "refundtracker"
DATABASE = "refunds.db"
FORMS = "forms"
SYSTEM_CONFIG = Path("/etc") / NAME / "config.toml"
SYSTEM_STATE = Path("/var/lib") / NAME
"""What `StateDirectory=refundtracker` means for a system service."""


def config_directory(environ: Mapping[str, str]) -> Path | None:
    """Our directory among the user's configurations; None when no home directory is known."""
    return _xdg(environ, "XDG_CONFIG_HOME", ".config")


def state_directory(environ: Mapping[str, str]) -> Path | None:
    """Our directory among the user's states; None when no home directory is known."""
    return _xdg(environ, "XDG_STATE_HOME", ".local/state")


def database(explicit: Path | None, config: Config, environ: Mapping[str, str]) -> Path:
    """The database file.

    The first that is known: `--db`, the configuration, systemd's state directory (inside the service;
    outside of it when the configuration is the system-wide one), the user's own state directory.

    Raises:
        BadConfig: no home directory is known, and nothing else says where.
    """
    if explicit is not None:
        return explicit
    if config.database is not None:
        return config.database
    given = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given) / DATABASE
    # `refunds` in a shell must open the very database that the system service writes.
    directory = SYSTEM_STATE if config.path == SYSTEM_CONFIG else state_directory(environ)
    return _required(directory, "--db PATH, or database = in the section [storage]") / DATABASE


def forms(explicit: Path | None, config: Config, environ: Mapping[str, str]) -> Path:
    """The directory of the user's own forms: `--forms`, the configuration, else beside that file.

    Raises:
        BadConfig: there is no configuration file and no home directory is known.
    """
    if explicit is not None:
        return explicit
    if config.forms_dir is not None:
        return config.forms_dir
    beside = config.path.parent if config.path is not None else config_directory(environ)
    return _required(beside, "--forms DIR") / FORMS


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> Path | None:
    """XDG Base Directory rules: relative paths in the variables are to be ignored."""
    named = Path(environ.get(variable, ""))
    if named.is_absolute():
        return named / NAME
    home = Path(environ.get("HOME", ""))
    return home / below_home / NAME if home.is_absolute() else None


def _required(directory: Path | None, way_out: str) -> Path:
    if directory is None:
        raise BadConfig("environment", (f"HOME is not set, so no directory is known; give {way_out}",))
    return directory
