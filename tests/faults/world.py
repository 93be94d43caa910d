"""A mailbox that never rests: mail comes, moves, is flagged, is deleted, is numbered anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from rigs import sample

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from rigs.dovecot import Dovecot

FOLDERS: Final = ("INBOX", "SMS", "Junk")
_FIRST_ORDER: Final = 8_000_000_000_000_000
_STEPS: Final = ("opened", "finished", "sent", "card")


@dataclass(slots=True)
class Mail:
    """One mail and what became of it.

    Attributes:
        raw: its bytes.
        file: where it lies now; None when it was deleted.
        relevant: whether its sender is followed.
        seen: whether it was in the database when it was deleted.
    """

    raw: bytes
    file: Path | None
    relevant: bool
    seen: bool = False

    @property
    def key(self) -> str:
        """What the database knows it by."""
        return sha256(self.raw).hexdigest()


@dataclass(slots=True)
class World:
    """The mailbox and its history.

    Attributes:
        server: a running Dovecot; `user` is the one whose mailbox this is.
        chance: decides everything.
        mails: every mail that was ever delivered.
    """

    server: Dovecot
    chance: random.Random
    mails: list[Mail] = field(default_factory=list)
    _coming: list[tuple[str, int]] = field(default_factory=list)
    _orders: int = 0

    def __post_init__(self) -> None:
        for folder in FOLDERS:
            self.server.maildir(folder)

    def deliver(self) -> None:
        """One more mail: the next step of some dispute, now and then one that is nobody's business."""
        relevant = self.chance.random() < 0.85
        raw = self._next_step() if relevant else sample.private(f"Sunday {len(self.mails)}", _AT)
        file = self.server.deliver(raw, self.chance.choice(FOLDERS))
        self.mails.append(Mail(raw, file, relevant))

    def change(self, known: set[str]) -> None:
        """Move, flag or delete a mail or two, as people and their programs do all the time.

        Args:
            known: keys of the mails that are in the database.
        """
        for _ in range(self.chance.randint(0, 2)):
            living = [mail for mail in self.mails if mail.file]
            if living:
                self.chance.choice((self._move, self._flag, self._delete))(self.chance.choice(living), known)

    def due(self) -> list[Mail]:
        """The relevant mails that must have an outcome in the end."""
        return [mail for mail in self.mails if mail.relevant and (mail.seen or mail.file)]

    def _next_step(self) -> bytes:
        if not self._coming or self.chance.random() < 0.4:
            self._orders += 1
            steps = self.chance.sample(_STEPS, self.chance.randint(1, len(_STEPS)))
            self._coming += [(step, self._orders) for step in steps]
        step, number = self._coming.pop(self.chance.randrange(len(self._coming)))
        return _STORY[step](number)

    def _move(self, mail: Mail, _: set[str]) -> None:
        """Into another folder, where it gets another UID."""
        box = self.server.maildir(self.chance.choice(FOLDERS))
        self._rename(mail, box / "new" / self._file(mail).name.partition(":")[0])

    def _flag(self, mail: Mail, _: set[str]) -> None:
        file = self._file(mail)
        name = file.name.partition(":")[0]
        self._rename(
            mail, file.parent.parent / "cur" / f"{name}:2,{self.chance.choice(('S', 'FS', 'R', ''))}"
        )

    def _delete(self, mail: Mail, known: set[str]) -> None:
        mail.seen = mail.key in known
        self._file(mail).unlink()
        mail.file = None

    def _rename(self, mail: Mail, to: Path) -> None:
        mail.file = self._file(mail).rename(to)

    def _file(self, mail: Mail) -> Path:
        """Where it lies now: Dovecot moves what is new into `cur` and appends flags."""
        assert mail.file
        name = mail.file.name.partition(":")[0]
        (found,) = mail.file.parent.parent.glob(f"*/{name}*")
        return found


_AT: Final = "2026-05-12 04:22"


def _order(number: int) -> str:
    return str(_FIRST_ORDER + number)


def _opened(number: int) -> bytes:
    subject = f"Order {_order(number)}: dispute opened"
    text = f"Dispute ID: {1_200_000_000_000_000 + number}"
    return sample.aliexpress(subject, text, "2026-05-10 01:00", number=f"o{number}")


def _finished(number: int) -> bytes:
    text = f"Order number: {_order(number)}\nRefund amount: ₩{_won(number):,}"
    return sample.aliexpress("Dispute Finished", text, _AT, number=f"f{number}")


def _sent(number: int) -> bytes:
    text = f"Order number: {_order(number)}\nRefund amount: ₩{_won(number):,}"
    return sample.aliexpress("Your refund has been sent", text, "2026-05-13 02:00", number=f"s{number}")


def _card(number: int) -> bytes:
    text = f"[Web발신]\n신한카드(1234)취소\n홍*동\n{_won(number):,}원(일시불)\n05/19 10:01\nAliExpress"
    minute, second = divmod(number, 60)
    return sample.card_text(text, f"2026-05-19 {1 + minute // 60:02}:{minute % 60:02}:{second:02}")


def _won(number: int) -> int:
    """A sum of its own for each order, so that one cancellation fits one promise."""
    return 5_000 + 37 * number


_STORY: Final = {"opened": _opened, "finished": _finished, "sent": _sent, "card": _card}
