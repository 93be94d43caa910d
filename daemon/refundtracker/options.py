"""The one table of options: it drives the loading, the checks, the example file and the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from refundtracker import kinds
from refundtracker.kinds import Kind, choice, closest, number, quoted
from refundtracker.windows import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Values = dict[str, Any]

LANGUAGES = ("ko", "en")
PROVIDERS = ("google", "microsoft")
TOKEN_PLACES = ("file", "keyring")

IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}
SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}

HOME_ZONES = {
    "KR": "Asia/Seoul", "JP": "Asia/Tokyo", "CN": "Asia/Shanghai", "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv", "PL": "Europe/Warsaw", "DE": "Europe/Berlin", "FR": "Europe/Paris",
    "ES": "Europe/Madrid", "IT": "Europe/Rome", "NL": "Europe/Amsterdam", "GB": "Europe/London",
    "TR": "Europe/Istanbul", "IL": "Asia/Jerusalem", "SA": "Asia/Riyadh", "US": "America/New_York",
    "CA": "America/Toronto", "MX": "America/Mexico_City", "BR": "America/Sao_Paulo", "CL": "America/Santiago",
    "AU": "Australia/Sydney",
}  # fmt: skip
"""The zone most people of a country live in; a country that is not here gets UTC."""


class Option(NamedTuple):
    """One key of one section.

    Attributes:
        key: its name in the file, and the name of the attribute it becomes.
        kind: what values it takes.
        help: one sentence for the example file and the documentation.
        required: whether the section is refused without it.
        default: the value without it, written as in TOML; None means nothing, or what `otherwise` says.
        otherwise: the default in words, where it hangs on something else.
        sample: the value in the example file; the default where None.
        shown: whether the example file sets it; otherwise it stands there as a comment.
    """

    key: str
    kind: Kind
    help: str
    required: bool = False
    default: object = None
    otherwise: str = ""
    sample: object = None
    shown: bool = False

    def read(self, table: Mapping[str, object]) -> object:
        """The value of this key, or its default.

        Raises:
            ValueError: the end of a sentence that begins with the key.
        """
        if self.key in table:
            return self.kind.read(table[self.key])
        if self.required:
            raise ValueError(f"is missing; write {self.key} = {literal(self.sample)}")
        return None if self.default is None else self.kind.read(self.default)


class Section(NamedTuple):
    """One section of the file.

    Attributes:
        name: as in the brackets.
        help: one sentence about it.
        options: its keys, in the order of the example file.
        many: whether there may be several, in double brackets.
    """

    name: str
    help: str
    options: tuple[Option, ...]
    many: bool = False

    @property
    def header(self) -> str:
        """The line that opens the section."""
        return f"[[{self.name}]]" if self.many else f"[{self.name}]"

    def read(self, table: Mapping[str, object], label: str, problems: list[str]) -> Values:
        """The values of all options.

        Args:
            table: the section as `tomllib` gives it.
            label: how messages name it.
            problems: where sentences are added; the key of a wrong value is then not in the answer.
        """
        problems.extend(f"{label}: {sentence}" for sentence in self._unknown(table))
        values: Values = {}
        for option in self.options:
            try:
                values[option.key] = option.read(table)
            except ValueError as error:
                problems.append(f"{label}: {option.key} {error}")
        return values

    def _unknown(self, table: Mapping[str, object]) -> Iterator[str]:
        for key in table:
            if key not in self.keys:
                yield f"unknown key {quoted(key)}{self._advice(key)}"

    def _advice(self, key: str) -> str:
        near = closest(key, self.keys)
        homes = [section.header for section in SECTIONS if key in section.keys]
        if near:
            return f'; did you mean "{near}"?'
        return f"; it belongs to {homes[0]}" if homes else f"; known are {', '.join(self.keys)}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of its options."""
        return tuple(option.key for option in self.options)


# fmt: off
# A table: what an option is on its first line, what it means below.

REGION = Section("region", "Where you live: business days are counted and dates are shown as there.", (
    Option("country", kinds.COUNTRY, default="KR", shown=True,
           help="Country of the calendar of business days, for cards whose issuer is not known."),
    Option("timezone", kinds.ZONE, sample="Asia/Seoul", shown=True,
           otherwise="`Asia/Seoul` for KR, the main zone of other countries, else `UTC`",
           help="Time zone in which a mail belongs to a day."),
    Option("language", choice(*LANGUAGES), sample="ko", shown=True, otherwise="as the terminal",
           help="Language of the summary mail and of `refunds`."),
    Option("days_off", kinds.DATES, default=[], sample=["2026-06-03"],
           help="Days without banking that the calendar does not know yet, such as an election."),
    Option("days_on", kinds.DATES, default=[], sample=["2026-02-14"],
           help="Days on which banks do work although the calendar says they rest."),
))

WINDOWS = Section("windows", "How many business days a refund may take, by payment method.", (
    Option("method", choice(*METHODS), default="card",
           help="How you pay where neither a mail nor `refunds method` tells."),
    *(Option(name, kinds.WINDOW, default=[rule.due, rule.overdue, rule.escalate],
             help=rule.note or "Counted from the day of the promise, which does not count itself.")
      for name, rule in METHODS.items()),
))

ACCOUNT = Section("account", "A mailbox to read; repeat it for another one. Mail is never changed.", (
    Option("name", kinds.TEXT, required=True, sample="home",
           help="Your own short name for the mailbox; keep it, what was read is remembered under it."),
    Option("host", kinds.HOST, required=True, sample="imap.example.com",
           help="Host name of the IMAP server."),
    Option("port", kinds.PORT, sample=993, otherwise='`993`, without `tls = "tls"` `143`',
           help="Port of the IMAP server."),
    Option("tls", kinds.TLS, default="tls",
           help='How the connection is encrypted; "none" is allowed only to this very machine.'),
    Option("user", kinds.TEXT, required=True, sample="me@example.com",
           help="Login name, mostly the mail address."),
    Option("password", kinds.SECRET, sample={"file": "imap-password"}, shown=True,
           otherwise="needed unless `oauth` is set",
           help="Where the password is kept (never the password itself); a file needs mode 600."),
    Option("oauth", choice(*PROVIDERS), sample="google",
           help="Sign in at this provider with `refundd login` instead of a password."),
    Option("client_id", kinds.TEXT, sample="1234.apps.googleusercontent.com",
           otherwise="given to `refundd login`",
           help="With `oauth`: the id under which you registered this program at the provider."),
    Option("client_secret", kinds.SECRET, sample={"file": "client-secret"},
           otherwise="given to `refundd login`, or none",
           help="With `oauth`: where the secret of that registration is kept; Google wants one."),
    Option("tokens", choice(*TOKEN_PLACES), default="file",
           help='With `oauth`: where the sign-in is kept, "file" means beside the database, mode 600.'),
    Option("folders", kinds.FOLDERS, default=["INBOX"], sample=["INBOX", "SMS"],
           help="Folders to read: those that get AliExpress mail and forwarded card texts. "
                "`\\Junk` is the one for junk, whatever it is called."),
    Option("authserv", kinds.TEXTS, sample=["mx.example.com"],
           otherwise="known for the great providers, by `host`",
           help="Server ids whose Authentication-Results header is believed: those of your own provider."),
    Option("lookback_days", number(1, 3650), default=200,
           help="How many days back the mailbox is searched."),
    Option("poll_minutes", number(1, 1440), default=10,
           help="Minutes between two looks when the server does not announce new mail."),
    Option("max_mail_mb", number(1, 500), default=25,
           help="A larger mail is noted but not fetched, in megabytes."),
    Option("ca_file", kinds.PATH, sample="ca.pem", otherwise="the authorities of the system",
           help="Certificate authority of the server, when it is your own."),
), many=True)

SENDERS = Section("senders", "Who, besides the shops and banks themselves, may bring notices.", (
    Option("allowed", kinds.ADDRESSES, default=[], sample=["me@example.com"], shown=True,
           help="Addresses that may forward card texts: your own, that of the forwarder on your phone,"
                " and `*@sms.example.net` for a carrier's SMS gateway or `*@unknown.email` for SMS Backup+."),
    Option("forwarders", kinds.DOMAINS, default=[], sample=["example.org"],
           help="Domains whose servers may pass on whole mails of AliExpress to this mailbox."),
    Option("verify_dkim", kinds.BOOL, sample=True, otherwise="`true` where the extra `dkim` is installed",
           help="Verify the signature of a mail by DNS where your provider writes no verdict on it."),
))

SUMMARY = Section("summary", "The weekly mail. Without this section none is sent.", (
    Option("to", kinds.ADDRESS, required=True, sample="me@example.com",
           help="Who gets it."),
    Option("day", kinds.DAY, default="monday", shown=True,
           help="Day of the week."),
    Option("time", kinds.CLOCK, default="08:00", shown=True,
           help="Time of day, in the time zone of the region."),
))

SMTP = Section("smtp", "How the summary and the alarms are sent.", (
    Option("host", kinds.HOST, required=True, sample="smtp.example.com",
           help="Host name of the SMTP server."),
    Option("port", kinds.PORT, sample=587, otherwise='`587`; with `tls = "tls"` `465`, with `"none"` `25`',
           help="Port of the SMTP server."),
    Option("tls", kinds.TLS, default="starttls",
           help='How the connection is encrypted; "none" is allowed only to this very machine.'),
    Option("user", kinds.TEXT, sample="me@example.com", shown=True, otherwise="no login",
           help="Login name."),
    Option("password", kinds.SECRET, sample={"file": "smtp-password"}, shown=True,
           otherwise="needed when `user` is set",
           help="Where the password is kept, as in an account."),
    Option("oauth", choice(*PROVIDERS), sample="google",
           help="Use the sign-in of the account with the same `user` instead of a password."),
    Option("sender", kinds.ADDRESS, sample="me@example.com",
           otherwise="`user` if that is an address, else `to` of the summary",
           help="Address in the From line."),
    Option("ca_file", kinds.PATH, sample="ca.pem", otherwise="the authorities of the system",
           help="Certificate authority of the server, when it is your own."),
))

ALARMS = Section("alarms", "What is wrong is told at once, then daily, then that it is over.", (
    Option("mail", kinds.BOOL, default=True,
           help="Whether alarms are mailed; needs `[smtp]`."),
    Option("to", kinds.ADDRESS, sample="me@example.com",
           otherwise="`to` of the summary, else `sender` of `[smtp]`",
           help="Who gets the mails."),
    Option("urls", kinds.URLS, default=[], sample=[{"file": "ntfy-url"}],
           help="Where else alarms go: phone, chat, ...; needs `pip install 'refundtracker[alarms]'`."),
    Option("repeat_days", number(1, 30), default=1,
           help="Days between two reminders of what is still wrong."),
))

STORAGE = Section("storage", "Where things are kept.", (
    Option("database", kinds.PATH, sample="/srv/refunds/refunds.db",
           otherwise="`refunds.db` in the state directory",
           help="The database file."),
    Option("forms", kinds.PATH, sample="forms", otherwise="`forms` beside this file",
           help="Directory of your own forms."),
    Option("backups", number(0, 50), default=2,
           help="How many weekly copies of the database are kept beside it; 0 makes none."),
))
# fmt: on

SECTIONS: tuple[Section, ...] = (REGION, ACCOUNT, SENDERS, SUMMARY, SMTP, ALARMS, WINDOWS, STORAGE)


def example() -> str:
    """A commented configuration file; it loads as it is, once the names in it are replaced it works."""
    parts = ["# Configuration of the refund tracker. Lines that begin with # are comments or defaults.\n"]
    for section in SECTIONS:
        lines = [f"# {section.help}", section.header]
        for option in section.options:
            lines += _example_lines(option)
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _example_lines(option: Option) -> list[str]:
    value = option.default if option.sample is None else option.sample
    mark = "" if option.shown or option.required else "# "
    return ["", f"# {option.help}", f"{mark}{option.key} = {literal(value)}"]


def reference() -> str:
    """The options as one Markdown table, for the documentation."""
    lines = ["| option | value | default | meaning |", "|---|---|---|---|"]
    lines += [_reference_line(section, option) for section in SECTIONS for option in section.options]
    return "\n".join(lines) + "\n"


def _reference_line(section: Section, option: Option) -> str:
    cells = (f"`{section.header}` `{option.key}`", option.kind.wants, _default_words(option), option.help)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default_words(option: Option) -> str:
    if option.required:
        return "**required**"
    if option.otherwise:
        return option.otherwise
    return "none" if option.default in (None, []) else f"`{literal(option.default)}`"


def literal(value: object) -> str:
    """A value as TOML writes it: a text, a whole number, a list or an inline table."""
    if isinstance(value, str):
        from json import dumps

        # JSON strings are TOML strings, but for the one control character that JSON lets stand.
        return dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(literal(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {literal(each)}" for key, each in value.items()) + " }"
    return str(value)
