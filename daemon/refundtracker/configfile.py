"""From a TOML file to checked values, by the table of options; all problems are told at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from refundtracker import options
from refundtracker.alarms.urls import AlarmUrl
from refundtracker.errors import BadConfig
from refundtracker.kinds import ADDRESS, SECRET, closest, is_loopback, quoted
from refundtracker.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from refundtracker.options import Section, Values


class Found(NamedTuple):
    """The checked values of a file, by the names that `refundtracker.config` uses.

    Attributes:
        summary: None when the section is not there; so is `smtp`.
    """

    region: Values
    accounts: list[Values]
    senders: Values
    summary: Values | None
    smtp: Values | None
    storage: Values
    alarms: Values
    windows: Values


def read(path: Path) -> Found:
    """Reads and checks a file; relative paths in it start at its directory.

    Raises:
        BadConfig: with every problem of the file.
    """
    reading = _Reading(_parsed(path), path.parent)
    reading.check_layout()
    region, accounts, senders = reading.region(), reading.accounts(), reading.one(options.SENDERS)
    summary, smtp = reading.mailing()
    reading.check_sign_in(smtp, accounts)
    alarms = reading.alarms(smtp)
    storage, windows = reading.one(options.STORAGE), reading.one(options.WINDOWS)
    found = Found(region, accounts, senders, summary, smtp, storage, alarms, windows)
    if reading.problems:
        raise BadConfig(str(path), tuple(reading.problems))
    for values in accounts:
        if values["authserv"] is None:
            values["authserv"] = _preset(values["host"])
    return found


def _parsed(path: Path) -> Values:
    import tomllib

    try:
        # Editors on Windows begin a file with a byte order mark; TOML has none.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text (at byte {error.start}); save it again as UTF-8"
    except RecursionError:
        problem = "is nested too deeply to be a configuration"
    except ValueError as error:
        problem = f"is not valid TOML: {error}"
    raise BadConfig(str(path), (f"the file {problem}",))


class _Reading:
    """One file on its way from tables to checked values; collects what is wrong instead of stopping.

    A value that is wrong is missing from the values of its section, so that the
    rules about several values look only at those that are right.

    Attributes:
        problems: sentences, each beginning with the section it is about.
    """

    def __init__(self, data: Values, base: Path) -> None:
        self._data = data
        self._base = base
        self.problems: list[str] = []

    def check_layout(self) -> None:
        """Whether there are only known sections, with the right brackets."""
        for name, value in self._data.items():
            section = next((known for known in options.SECTIONS if known.name == name), None)
            if section is None:
                self.problems.append(_unknown_section(name, value))
            elif not _fits(section, value):
                self.problems.append(
                    f"{name}: must be a section; write {section.header} on a line of its own"
                )

    def region(self) -> Values:
        """The values of [region], the time zone taken from the country where none is named."""
        values = self.one(options.REGION)
        if values.get("timezone", "") is None:
            values["timezone"] = ZoneInfo(options.HOME_ZONES.get(values.get("country", ""), "UTC"))
        for key in ("days_off", "days_on"):
            values[key] = frozenset(values.get(key, ()))
        for both in sorted(values["days_off"] & values["days_on"]):
            self._add("region", f"{both} is in days_off and in days_on; take it out of one of them")
        return values

    def accounts(self) -> list[Values]:
        """The values of each [[account]]."""
        tables = self._tables(options.ACCOUNT)
        found = [self._account(table, number) for number, table in enumerate(tables, 1)]
        names = [values["name"] for values in found if "name" in values]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._add("account", f"the name {quoted(name)} is used twice; give each mailbox its own")
        return found

    def mailing(self) -> tuple[Values | None, Values | None]:
        """The values of [summary] and [smtp]; None for a section that is not there."""
        summary = self.one(options.SUMMARY) if "summary" in self._data else None
        smtp = self._smtp(summary or {}) if "smtp" in self._data else None
        if summary is not None and smtp is None:
            self._add("summary", "needs the section [smtp], which says how mail is sent")
        return summary, smtp

    def check_sign_in(self, smtp: Values | None, accounts: list[Values]) -> None:
        """A sign-in for sending is that of a mailbox; there is no other to use."""
        if smtp is None or not smtp.get("oauth"):
            return
        wanted = (smtp["oauth"], smtp.get("user"))
        if wanted not in [(each.get("oauth"), each.get("user")) for each in accounts]:
            self._add("smtp", f'oauth = "{wanted[0]}" needs an [[account]] with the same oauth and user')

    def alarms(self, smtp: Values | None) -> Values:
        """The values of [alarms]."""
        table: Values = next(iter(self._tables(options.ALARMS)), {})
        values = self.one(options.ALARMS)
        values["urls"] = tuple(self._alarm_urls(values.get("urls", ())))
        if table.get("mail") is True and smtp is None:
            self._add("alarms", "mail = true needs the section [smtp], which says how mail is sent")
        return values

    def _alarm_urls(self, entries: Iterable[object]) -> Iterator[AlarmUrl]:
        for number, entry in enumerate(entries, 1):
            label = f"alarms: urls[{number}]"
            try:
                yield AlarmUrl.from_toml(entry, label, base=self._base)
            except BadConfig as error:
                self.problems.extend(f"{label} {problem}" for problem in error.problems)

    def one(self, section: Section) -> Values:
        """The values of a section that stands at most once; its defaults when it is not there."""
        return self._values(section, next(iter(self._tables(section)), {}), section.name)

    def _tables(self, section: Section) -> list[Values]:
        value = self._data.get(section.name, [])
        tables = value if isinstance(value, list) else [value]
        return [table for table in tables if isinstance(table, dict)]

    def _values(self, section: Section, table: Values, label: str) -> Values:
        values = section.read(table, label, self.problems)
        for key, value in values.items():
            if isinstance(value, Path):
                values[key] = self._base / value
        for option in section.options:
            if option.kind is SECRET and values.get(option.key) is not None:
                self._place_secret(values, option.key, label)
        return values

    def _place_secret(self, values: Values, name: str, label: str) -> None:
        key, user = f"{label}: {name}", values.get("user")
        try:
            values[name] = Secret.from_toml(values[name], key, base=self._base, user=user)
        except BadConfig as error:
            del values[name]
            self.problems.extend(f"{key} {problem}" for problem in error.problems)

    def _account(self, table: Values, number: int) -> Values:
        name = table.get("name")
        label = f"account[{number}]" + (f" {quoted(name)}" if isinstance(name, str) else "")
        values = self._values(options.ACCOUNT, table, label)
        self._add(label, *_line_problems(values), *_login_problems(table))
        _fill_port(values, options.IMAP_PORTS)
        return values

    def _smtp(self, summary: Values) -> Values:
        values = self.one(options.SMTP)
        table: Values = next(iter(self._tables(options.SMTP)), {})
        self._add("smtp", *_line_problems(values), *_pair_problems(table))
        _fill_port(values, options.SMTP_PORTS)
        if values.get("sender", "") is None:
            values["sender"] = _sender(values.get("user")) or summary.get("to")
        return values

    def _add(self, label: str, *sentences: str) -> None:
        self.problems.extend(f"{label}: {sentence}" for sentence in sentences)


def _fits(section: Section, value: object) -> bool:
    if section.many:
        return isinstance(value, list) and all(isinstance(each, dict) for each in value)
    return isinstance(value, dict)


def _unknown_section(name: str, value: object) -> str:
    if not isinstance(value, dict | list):
        homes = [section.header for section in options.SECTIONS if name in section.keys]
        hint = f"; it belongs below {homes[0]}" if homes else ""
        return f"the key {quoted(name)} stands outside of all sections{hint}"
    near = closest(name, [section.name for section in options.SECTIONS])
    known = ", ".join(section.header for section in options.SECTIONS)
    return f"unknown section {quoted(name)}; " + (f'did you mean "{near}"?' if near else f"known are {known}")


def _line_problems(values: Values) -> Iterator[str]:
    if values.get("tls") == "none" and "host" in values and not is_loopback(values["host"]):
        yield 'tls = "none" would send the password in the clear to another machine; use "tls" or "starttls"'


def _login_problems(table: Values) -> Iterator[str]:
    if "password" in table and "oauth" in table:
        yield "password and oauth are both set; keep the one you sign in with"
    if "password" not in table and "oauth" not in table:
        yield 'password is missing; write password = { file = "imap-password" }, or oauth = "google"'


def _pair_problems(table: Values) -> Iterator[str]:
    if "password" in table and "oauth" in table:
        yield "password and oauth are both set; keep the one you sign in with"
    if "oauth" in table and "user" not in table:
        yield "user is missing for this oauth; write the mail address"
    if "user" in table and "password" not in table and "oauth" not in table:
        yield 'password is missing for this user; write password = { file = "smtp-password" }'
    if "password" in table and "user" not in table:
        yield "user is missing for this password; write the login name, or take the password out"


def _fill_port(values: Values, ports: Mapping[str, int]) -> None:
    if values.get("port", 0) is None:
        values["port"] = ports.get(values.get("tls", ""))


def _preset(host: str) -> tuple[str, ...]:
    """The ids under which a known provider writes its verdicts."""
    # Only a sound file with such an account pays for this import.
    from refundparsers.presets import PRESETS

    return tuple(PRESETS.get(host, ()))


def _sender(user: str | None) -> str | None:
    try:
        return None if user is None else str(ADDRESS.read(user))
    except ValueError:  # a login name that is no address
        return None
