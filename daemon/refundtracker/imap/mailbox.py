"""The mailbox: the only room that speaks IMAP. What leaves it are our own records and errors.

It only looks: folders are opened read-only and mails are peeked at, so nothing in the
user's mailbox changes. One thread owns a `Mailbox`.

`imapclient` keeps the connection. Its private parts are touched in this room and its side
rooms only (`line`, `idle`, `signin`), where the public ones lose mail, parse what is not
needed, or format every line for a log that nobody reads.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.datetime_util import format_criteria_date
from imapclient.imap_utf7 import decode as decoded
from imapclient.imap_utf7 import encode as encoded

from refundtracker.errors import Refused, Unreachable
from refundtracker.imap import answers, idle
from refundtracker.imap.line import Line, SaidNoError, hang_up
from refundtracker.imap.signin import clean, in_words, log_in, secure, tls_context
from refundtracker.kinds import is_loopback
from refundtracker.rawmail import RawMail
from refundtracker.records import Place

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from refundtracker.imap.signin import Server

__all__ = ["FetchBroken", "FolderTrouble", "Mailbox", "Place", "RawMail"]

_HEADS: Final = 200
_HEAD_ITEMS: Final = ("RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[HEADER.FIELDS (FROM)]")

# Mail text would end up in this log.
logging.getLogger("imapclient").setLevel(logging.WARNING)


class FolderTrouble(Unreachable):
    """One folder cannot be opened or searched; the others can.

    Attributes:
        folder: as configured.
    """

    def __init__(self, folder: str, sentence: str) -> None:
        self.folder = folder
        super().__init__(sentence)


class FetchBroken(Unreachable):
    """The connection broke while mails were fetched.

    Attributes:
        uids: what was asked for and had not come. One of these mails may be what broke it.
    """

    def __init__(self, uids: tuple[int, ...], sentence: str) -> None:
        self.uids = uids
        super().__init__(sentence)


class Mailbox:
    """One connection to one account, logged in.

    Attributes:
        capabilities: what the server can do after login, upper case.
        mode: `idle` when the server wakes us, `poll` when it has to be asked.
        missing: configured folders that `folders` did not find.
        offered: every folder that `folders` did find, as people read it.
    """

    def __init__(
        self, client: IMAPClient, account: Server, *, follows: Callable[[str], bool], terms: tuple[str, ...]
    ) -> None:
        self._line = Line(client, account)
        self._account = account
        self._follows = follows
        self._froms = answers.sender_criteria(terms)
        self._names: dict[str, bytes] = {}
        self._folder: str | None = None
        self._uidvalidity = 0
        self._state: object = None
        self._searched: dict[str, object] = {}
        self.missing: tuple[str, ...] = ()
        self.offered: tuple[str, ...] = ()
        self.capabilities = frozenset(str(word, "ascii", "replace") for word in client.capabilities())
        self.mode: Literal["idle", "poll"] = "idle" if "IDLE" in self.capabilities else "poll"

    @classmethod
    def connect(
        cls,
        account: Server,
        secret: str,
        *,
        follows: Callable[[str], bool],
        terms: tuple[str, ...],
        timeouts: tuple[float, float] = (10.0, 60.0),
    ) -> Mailbox:
        """Connect and log in.

        Args:
            account: whose mailbox.
            secret: the password, or the access token when `account.oauth` is set.
            follows: whether mail from this address (lower case) concerns us.
            terms: parts of addresses that the server can search for, such that every
                followed address contains one of them.
            timeouts: seconds to connect, and to wait for an answer.

        Raises:
            Unreachable: no connection, or the server asks for patience.
            Refused: the login or the certificate is not accepted, or no safe line is to be had.
            BadConfig: `ca_file` cannot be read.
        """
        client = _dial(account, SocketTimeout(*timeouts))
        try:
            with in_words(account, "logging in"):
                secure(client, account)
                log_in(client, account, secret)
                return cls(client, account, follows=follows, terms=terms)
        except BaseException:
            hang_up(client)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out if the line still lives, and leave nothing open. Never fails."""
        self._line.close()

    def folders(self) -> tuple[str, ...]:
        """The configured folders that are there, by their configured names.

        Names are compared as people read them: composed letters, `/` between levels.
        A server that cannot list its folders is believed to have them all.
        """
        try:
            with self._line.asking("listing folders"):
                listed = self._line.client.list_folders()
        except SaidNoError:
            return self._account.folders
        there = answers.by_name(listed, decoded)
        named = {raw: name for name, raw in there.items() if not name.startswith("\\")}
        self.offered = tuple(sorted(named.values()))
        found = {name: there.get(answers.folder_keys(name)[0]) for name in self._account.folders}
        # One folder under two names (`Spam` and `\Junk`) is looked at once.
        first = {raw: name for name, raw in reversed(found.items())}
        self._names = {name: raw for name, raw in found.items() if raw is not None and first[raw] == name}
        self.missing = tuple(name for name, raw in found.items() if raw is None)
        return tuple(self._names)

    def open(self, folder: str) -> int:
        """Open a folder for looking only (EXAMINE) and return its UIDVALIDITY, 0 when it tells none.

        Raises:
            FolderTrouble: the server refuses this folder.
            Unreachable: the connection broke.
        """
        self._folder = None
        try:
            with self._line.asking(f"opening {clean(folder)}"):
                name = self._names.get(folder, encoded(folder))
                told = self._line.client.select_folder(name, readonly=True)
        except SaidNoError as no:
            raise self._trouble(folder, "does not open", no) from no
        self._folder, self._uidvalidity = folder, told.get(b"UIDVALIDITY", 0)
        self._state = (self._uidvalidity, told.get(b"UIDNEXT"))
        self._line.forget()
        return self._uidvalidity

    @property
    def searches_senders(self) -> bool:
        """Whether `search` leaves it to the server to sort strangers out."""
        return bool(self._froms)

    def search(self, since: date, after_uid: int = 0, *, everyone: bool = False) -> list[int]:
        """UIDs of mails in the open folder that arrived on or after a day, from a followed sender.

        The server searches; one that cannot search by sender is asked by day alone, and
        `fetch` sorts the strangers out.

        Args:
            since: a day of the server's calendar; the caller allows for its time zone.
            after_uid: only mails with a higher UID.
            everyone: from strangers, too.

        Raises:
            FolderTrouble: the server cannot search here.
            Unreachable: the connection broke.
        """
        folder = self._opened()
        when = [b"SINCE", format_criteria_date(since)]
        if after_uid:
            when += [b"UID", b"%d:*" % (after_uid + 1)]
        self._line.forget()
        try:
            found = self._found(when if everyone else when + self._froms)
        except SaidNoError as no:
            if everyone or not self._froms:
                raise self._trouble(folder, "cannot be searched", no) from no
            self._froms = []
            return self.search(since, after_uid)
        self._searched[folder] = self._state
        # `n:*` always names the last mail too, however low its number.
        return sorted(uid for uid in found if uid > after_uid)

    def fetch(self, uids: Sequence[int], *, alone: Sequence[int] = ()) -> Iterator[RawMail]:
        """Fetch mails of the open folder, oldest first, in few and bounded requests.

        First the senders and sizes, then the bodies of those that concern us. A mail
        that has vanished, or that the server cannot hand over, is not yielded. Nothing
        else may use this mailbox between two mails.

        Args:
            uids: from `search`.
            alone: of these, the ones that may break the line: they come last, in this order,
                one by one.

        Raises:
            FetchBroken: the connection broke; what was yielded before is good.
        """
        self._opened()
        wanted = set(uids)
        for batch in answers.batches(sorted(wanted.difference(alone)), _HEADS):
            yield from self._fetch_batch(batch)
        for uid in dict.fromkeys(alone):
            if uid in wanted:
                yield from self._fetch_batch([uid])

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait until mail may have come, the time is over, or `stop` is set.

        Args:
            seconds: how long. Keep the first wait after a sweep short.
            stop: noticed within a second.

        Returns:
            True when something happened or may have: sweep. Polling always may.

        Raises:
            Unreachable: the connection broke, or the server stopped answering.
        """
        if self._has_news():
            return True
        with self._line.asking("waiting for mail", may_refuse=False):
            if self.mode == "idle" and self._folder is not None:
                try:
                    return idle.watch(self._line.imap, seconds, stop)
                except idle.IdleRefusedError:
                    self.mode = "poll"
            awake = idle.doze(seconds, stop)
            if awake:
                self._line.imap.noop()
            return awake

    def _opened(self) -> str:
        if self._folder is None:
            raise ValueError("open a folder first")
        return self._folder

    def _trouble(self, folder: str, what: str, no: SaidNoError) -> FolderTrouble:
        return FolderTrouble(folder, f"{self._line.where}: the folder {clean(folder)} {what}: {no}")

    def _found(self, criteria: list[bytes]) -> set[int]:
        """All numbers of all SEARCH answers; the public `search` fails when there are several."""
        with self._line.asking("searching"):
            lines = self._line.client._raw_command_untagged(b"SEARCH", criteria)  # noqa: SLF001
            words = b" ".join(line for line in lines if line).split()
            return {int(word) for word in words if word.isdigit()}

    def _has_news(self) -> bool:
        """Whether the server told of mail that no search has looked for yet."""
        if self._folder is None:
            return False
        changed = self._searched.get(self._folder, self._state) != self._state
        return changed or self._line.told_of_mail()

    def _fetch_batch(self, uids: list[int]) -> Iterator[RawMail]:
        """Heads of all, then bodies of those that concern us."""
        ours: list[RawMail] = []
        for uid, answer in self._fetched(uids, _HEAD_ITEMS):
            mail = self._sorted(uid, answer)
            if mail and mail.left_out:
                yield mail
            elif mail:
                ours.append(mail)
        for group in answers.by_weight(ours):
            heads = {mail.place.uid: mail for mail in group}
            for uid, answer in self._fetched(list(heads), ("BODY.PEEK[]",)):
                raw = answers.body_of(answer)
                if raw is not None:
                    yield replace(heads[uid], raw=raw)

    def _fetched(self, uids: list[int], items: tuple[str, ...]) -> list[tuple[int, dict[bytes, Any]]]:
        """One FETCH; mail by mail when the server stumbles over one of them."""
        try:
            with self._line.asking("fetching mails"):
                return sorted(self._line.client.fetch(uids, items).items())
        except SaidNoError:
            if len(uids) == 1:
                return []
            return [pair for uid in uids for pair in self._fetched([uid], items)]
        except Unreachable as error:
            raise FetchBroken(tuple(uids), str(error)) from error

    def _sorted(self, uid: int, answer: dict[bytes, Any]) -> RawMail | None:
        """What is known of a mail before its body; None when the answer lacks something."""
        head = answers.head_of(answer)
        if head is None:
            return None
        size, header = head
        left_out: Literal["not-ours", "too-large"] | None = None
        if not any(map(self._follows, answers.addresses(header))):
            left_out = "not-ours"
        elif size > self._account.max_mail_mb * 1_000_000:
            left_out = "too-large"
        place = Place(self._account.name, self._opened(), self._uidvalidity, uid)
        arrived = answers.arrived(answer)
        return RawMail(place=place, raw=None, arrived=arrived, size=size, left_out=left_out)


def _dial(account: Server, timeouts: SocketTimeout) -> IMAPClient:
    """Connect; nothing secret is sent before `secure` has returned."""
    if account.tls == "none" and not is_loopback(account.host):
        raise Refused(f'{account.host}: a password is not sent in the open; set tls = "tls" or "starttls"')
    direct = account.tls == "tls"
    context = tls_context(account.ca_file) if direct else None
    with in_words(account, "connecting"):
        return IMAPClient(account.host, account.port, ssl=direct, ssl_context=context, timeout=timeouts)
