"""The checks that ask a server: each account, and the one that sends. All within a time limit."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from email.parser import BytesHeaderParser
from email.policy import compat32
from functools import partial
from typing import TYPE_CHECKING, Final

from refundtracker.checkup import certificates, check, failed, guarded
from refundtracker.checkup.local import judged_clock
from refundtracker.errors import BadConfig, Refused, TrackerError, Unreachable
from refundtracker.imap.signin import reason
from refundtracker.setup import providers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from refundparsers.notices import Trust
    from refundtracker.checkup import Check, Level
    from refundtracker.checkup.certificates import Protocol
    from refundtracker.config import Account, Config, Smtp
    from refundtracker.imap.mailbox import Mailbox
    from refundtracker.ingest import Reader
    from refundtracker.rawmail import RawMail
    from refundtracker.watching import Setting

LIMIT: Final = 45.0
"""Seconds for all servers together; they are asked side by side."""

_CERTIFICATE_ENDS_SOON: Final = timedelta(days=14)
# Some days old mail is enough to see what a provider writes, and few bytes are moved for it.
_SAMPLE: Final = 20


def ask_all(setting: Setting, *, limit: float = LIMIT) -> Iterator[Check]:
    """The checks of every account and of the sending server, in the order of the configuration.

    Args:
        setting: checked configuration, database, clock.
        limit: seconds; a server that takes longer is told as such, with what it said until then.
    """
    jobs = [
        _Job("login", account.name, lambda account=account: ask_account(setting, account))  # type: ignore[misc]
        for account in setting.config.accounts
    ]
    if setting.config.smtp is not None:
        server = setting.config.smtp
        jobs.append(_Job("smtp", "", lambda: ask_smtp(setting, server)))
    until = time.monotonic() + limit
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(max(0.0, until - time.monotonic()))
        yield from job.told(limit)


class _Job(threading.Thread):
    """One server, asked in a thread that nobody waits for at the end."""

    def __init__(self, name: str, account: str, work: Callable[[], Iterable[Check]]) -> None:
        super().__init__(name=f"doctor {account or name}", daemon=True)
        self._family = name
        self._account = account
        self._work = work
        self._found: list[Check] = []

    def run(self) -> None:
        for each in guarded(self._family, self._work, self._account):
            self._found.append(each)

    def told(self, limit: float) -> list[Check]:
        """What was found; that it took too long, if it did."""
        found = list(self._found)
        if self.is_alive():
            status, values = Unreachable.exit_status, {"seconds": f"{limit:.0f}"}
            found.append(
                check(
                    self._family, "bad", "slow", values, account=self._account, status=status, fix="slow.fix"
                )
            )
        return found


def ask_account(setting: Setting, account: Account) -> Iterator[Check]:
    """Name, certificate, login, folders, waiting, verdicts: each only when the one before it held."""
    for step in (_name, _certificate):
        found = step(setting, account, account.name)
        yield found
        if found.level == "bad":
            return
    # Mail of the user's own devices proves nothing about the provider.
    by = _strangers(setting.config, account)
    from refundtracker.watching import connected

    try:
        mailbox = connected(account, by, setting)
    except TrackerError as error:
        yield failed("login", error, fix=_login_fix(account, error), account=account.name)
        return
    with mailbox:
        yield check("login", "ok", "login.ok", {"user": account.user}, account=account.name)
        yield from _folders(mailbox, account)
        yield _waiting(mailbox, account)
        yield from guarded("verdicts", lambda: _verdicts(mailbox, account, by, setting), account.name)


def _login_fix(account: Account, error: TrackerError) -> str:
    if not isinstance(error, Refused):
        return "unreachable.fix"
    return "login.oauth.fix" if account.oauth else "login.fix"


def _strangers(config: Config, account: Account) -> Reader:
    from refundtracker.config import Senders
    from refundtracker.ingest import reader

    return reader(replace(config, senders=Senders()), None, authserv=account.authserv)


def _name(_setting: Setting, server: Account | Smtp, account: str) -> Check:
    """Whether the name can be looked up."""
    values = {"host": server.host}
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        values["error"] = reason(error)
        status = Unreachable.exit_status
        return check("dns", "bad", "dns.none", values, fix="dns.fix", account=account, status=status)
    values["address"] = str(found[0][4][0])
    return check("dns", "ok", "dns.ok", values, account=account)


def _certificate(
    setting: Setting, server: Account | Smtp, account: str, protocol: Protocol = "imap"
) -> Check:
    """Whether the certificate verifies, and for how long."""
    host = server.host
    try:
        end = certificates.good_until(host, server.port, server.tls, protocol, ca_file=server.ca_file)
    except Refused as error:
        return failed("tls", error, account=account, fix="tls.fix")
    except TrackerError as error:
        return failed("tls", error, account=account, fix="unreachable.fix")
    if end is None:
        return check("tls", "note", "tls.none", {"host": host}, account=account)
    return judged_certificate(host, end, setting.clock(), account)


def judged_certificate(host: str, end: datetime, now: datetime, account: str = "") -> Check:
    """How long a certificate that verified still lasts."""
    left = end - now
    values = {"host": host, "end": f"{end:%Y-%m-%d}", "days": str(left.days)}
    if left < _CERTIFICATE_ENDS_SOON:
        return check("tls", "warn", "tls.soon", values, fix="tls.renew", account=account)
    return check("tls", "ok", "tls.ok", values, account=account)


def _folders(mailbox: Mailbox, account: Account) -> Iterator[Check]:
    """Whether the configured folders are there, and whether one that matters is not read."""
    found, name = mailbox.folders(), account.name
    values = {"folders": ", ".join(found), "offered": _some(mailbox.offered), "account": name}
    if mailbox.missing:
        values["missing"] = ", ".join(mailbox.missing)
        level: Level = "warn" if found else "bad"
        status = 0 if found else BadConfig.exit_status
        yield check(
            "folders", level, "folders.missing", values, fix="folders.fix", account=name, status=status
        )
    else:
        yield check("folders", "ok", "folders.ok", values, account=name)
    known = {each.lower() for each in account.folders}
    more = [each for each in providers.proposed(mailbox.offered) if each.lower() not in known]
    if more and mailbox.offered:
        values["line"] = f"folders = {_toml([*account.folders, *more])}"
        values["more"] = ", ".join(more)
        yield check("folders", "note", "folders.more", values, fix="line.fix", account=name)


def _some(names: tuple[str, ...], most: int = 12) -> str:
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")


def _toml(names: Iterable[str]) -> str:
    from refundtracker.options import literal

    return literal(list(names))


def _waiting(mailbox: Mailbox, account: Account) -> Check:
    """How new mail is noticed."""
    squeezed = any(word.startswith("COMPRESS=") for word in mailbox.capabilities)
    values = {"minutes": str(account.poll_minutes), "compress": ", COMPRESS" if squeezed else ""}
    return check("waiting", "ok", f"waiting.{mailbox.mode}", values, account=account.name)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one mail from a shop.

    Attributes:
        trust: what was made of it.
        ids: who wrote its Authentication-Results, the topmost first.
        heard: whether any of them is believed.
        arrived: when the server took it, UTC.
    """

    trust: Trust | None
    ids: tuple[str, ...]
    heard: bool = False
    arrived: datetime | None = None


def _verdicts(mailbox: Mailbox, account: Account, by: Reader, setting: Setting) -> Iterator[Check]:
    """Whether the provider's verdicts on recent mail of the shop are there, and believed."""
    since = (setting.clock() - timedelta(days=account.lookback_days)).date()
    seen: list[Seen] = []
    for folder in mailbox.folders():
        mailbox.open(folder)
        newest = mailbox.search(since)[-_SAMPLE:]
        seen += [_seen(mail, by) for mail in mailbox.fetch(newest) if mail.raw is not None]
    yield judged_verdicts(seen, account)
    arrived = max((each.arrived for each in seen if each.arrived), default=None)
    if arrived:
        yield judged_clock(setting.clock(), arrived, account.name)


def _seen(mail: RawMail, by: Reader) -> Seen:
    from refundparsers.authresults import ids, read_findings

    raw = mail.raw or b""
    found = BytesHeaderParser(policy=compat32).parsebytes(raw).get_all("Authentication-Results", [])
    headers = [" ".join(str(value).split()) for value in found]
    heard = bool(read_findings(headers, by.senders.authserv))
    return Seen(by.read(raw, mail.arrived).trust, ids(headers), heard, mail.arrived)


def judged_verdicts(seen: list[Seen], account: Account) -> Check:
    """What a sample of the shop's mail says about the provider.

    An id is only proposed when it stands on top of most mails: a sender can write such a
    header too, but not on every mail, and not above the provider's.

    Args:
        seen: recent mails of shops and wallets.
        account: whose `authserv` is judged.
    """
    proven = sum(each.trust == "verified" for each in seen)
    tops = Counter(each.ids[0] for each in seen if each.ids)
    top, often = tops.most_common(1)[0] if tops else ("", 0)
    values = {
        "count": str(len(seen)), "proven": str(proven), "days": str(account.lookback_days),
        "ids": ", ".join(account.authserv), "top": top, "account": account.name,
        "line": f"authserv = {_toml([top])}",
    }  # fmt: skip
    name, told = "verdicts", account.name
    if not seen:
        return check(name, "note", "verdicts.no-mail", values, account=told)
    if proven:
        return check(name, "ok", "verdicts.ok", values, account=told)
    if not tops:
        return check(name, "warn", "verdicts.silent", values, fix="verdicts.silent.fix", account=told)
    if any(each.heard for each in seen):
        return check(name, "warn", "verdicts.failed", values, fix="verdicts.failed.fix", account=told)
    if often * 2 <= len(seen):
        return check(name, "warn", "verdicts.mixed", values, fix="verdicts.mixed.fix", account=told)
    return check(name, "warn", "verdicts.unknown", values, fix="verdicts.unknown.fix", account=told)


def ask_smtp(setting: Setting, server: Smtp) -> Iterator[Check]:
    """The sending server: name, certificate, login. No mail is sent."""
    for step in (_name, partial(_certificate, protocol="smtp")):
        found = step(setting, server, "")
        yield replace(found, name="smtp")
        if found.level == "bad":
            return
    from refundtracker.jobs.delivery import secret_of
    from refundtracker.reports import smtp

    try:
        secret = secret_of(setting.config, setting.environ, setting.database.parent, setting.clock())
        smtp.try_login(
            host=server.host, port=server.port, tls=server.tls, user=server.user, password=secret,
            oauth=server.oauth is not None, ca_file=server.ca_file, timeout=15,
        )  # fmt: skip
    except TrackerError as error:
        fix = "unreachable.fix" if isinstance(error, Unreachable) else "smtp.fix"
        yield failed("smtp", error, fix=fix)
        return
    yield check("smtp", "ok", "smtp.ok", {"host": server.host, "user": server.user or "-"})
