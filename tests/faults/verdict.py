"""What a fault run leaves behind: every mail once, the disputes of an undisturbed run, every summary."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from typing import TYPE_CHECKING, Any, Final

from refundtracker.store import Store
from rigs.commands import Home

if TYPE_CHECKING:
    from pathlib import Path

    from faults.world import World
    from rigs.smtp import Receiver

_DAY = "2026-06-01"
DATABASE: Final = ".local/state/refundtracker/refunds.db"
_IN_DOUBT: Final = "same Message-ID"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a fault run.

    Attributes:
        mails: relevant mails that had to have an outcome.
        disputes: how many there are.
        summaries: slots that were sent.
        twice: slots whose summary came twice.
        never: slots whose summary did not come, because two attempts were cut off in the gap that
            SMTP leaves, before the mail was out; the log says that nobody knows.
        problems: a sentence for everything that is not as it must be.
    """

    mails: int
    disputes: int
    summaries: int
    twice: int
    never: int
    problems: tuple[str, ...]

    def __str__(self) -> str:
        counted = (
            f"{self.mails} mails, {self.disputes} disputes, {self.summaries} summaries "
            f"({self.twice} twice, {self.never} in doubt and never)"
        )
        if not self.problems:
            return f"{counted}: nothing lost, nothing doubled"
        return "\n  ".join((f"{counted}: {len(self.problems)} problems", *self.problems))


def judge(home: Home, calm: Home, world: World, post: Receiver, logs: str) -> Verdict:
    """Compare what the killed service left with an undisturbed run over the same mails.

    Args:
        home: of the user whose service was killed.
        calm: what `undisturbed` gave.
        world: the mailbox.
        post: where summaries went.
        logs: all that the killed services said.
    """
    database = home.place / DATABASE
    problems = [*_sound(database), *_mails(home, calm, world), *_disputes(home, calm), *_words(logs)]
    slots = _slots(database)
    came = Counter(filter(None, (_summary_id(each.content) for each in post.received)))
    problems += _summaries(slots, came, logs)
    times = [came[message_id] for message_id in slots.values()]
    return Verdict(
        mails=len(world.due()),
        disputes=len(_listed(calm)),
        summaries=len(slots),
        twice=times.count(2),
        never=times.count(0),
        problems=tuple(problems),
    )


def undisturbed(home: Home, world: World) -> Home:
    """Another user with a database of their own, whose mailbox never changes; swept once."""
    calm = Home(home.place.parent / "calm")
    calm.place.mkdir()
    user = "calm@example.org"
    for mail in world.due():
        world.server.deliver(mail.raw, user=user)
    before, world.server.user = world.server.user, user
    calm.write_config(world.server)
    world.server.user = before
    calm.run("refundd", "run", "--once")
    return calm


def _sound(database: Path) -> list[str]:
    with Store.open_readonly(database) as store:
        return [f"the database: {line}" for line in store.integrity()]


def _mails(home: Home, calm: Home, world: World) -> list[str]:
    """Every relevant mail once, with the outcome of an undisturbed run, and nothing else."""
    wanted = _outcomes(calm)
    found = _outcomes(home)
    problems = [
        f"mail {key} has {len(found.get(key, []))} outcomes" for key in wanted if len(found.get(key, [])) != 1
    ]
    problems += [
        f"mail {key} is {found[key]}, not {wanted[key]}"
        for key in wanted
        if found.get(key, wanted[key]) != wanted[key]
    ]
    problems += [f"mail {key} was never due" for key in found if key not in wanted]
    if set(wanted) != {mail.key for mail in world.due()}:
        problems.append("the undisturbed run itself does not have all mails")
    return problems


def _outcomes(home: Home) -> dict[str, list[tuple[str, str | None]]]:
    """Outcome and reason of each mail whose body was read, by its content."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for mail in home.run("refunds", "mail", "--json").json:
        if mail["sha256"]:
            found.setdefault(mail["sha256"], []).append((mail["outcome"], mail["reason"]))
    return found


def _disputes(home: Home, calm: Home) -> list[str]:
    found, wanted = _listed(home), _listed(calm)
    return [
        f"dispute {key}: {json.dumps(found.get(key))} instead of {json.dumps(wanted.get(key))}"
        for key in sorted({*found, *wanted})
        if found.get(key) != wanted.get(key)
    ]


def _listed(home: Home) -> dict[str, list[dict[str, Any]]]:
    """The disputes as the user sees them, by order; their numbers depend on which mail came first."""
    listed: dict[str, list[dict[str, Any]]] = {}
    for dispute in home.run("refunds", "list", "--json", "--as-of", _DAY).json:
        dispute.pop("id")
        listed.setdefault(f"{dispute['order']}/{dispute['dispute']}", []).append(dispute)
    return listed


def _words(logs: str) -> list[str]:
    """Whatever happened was foreseen: no traceback, no fault of ours."""
    return [line for line in logs.splitlines() if "Traceback" in line or ": unexpected " in line]


def _slots(database: Path) -> dict[str, str]:
    """The Message-ID of each weekly slot that was reserved, sent or not."""
    with Store.open_readonly(database) as store, store._reading() as connection:
        rows = connection.execute("SELECT slot, message_id, sent_at FROM outbox WHERE kind = 'weekly'")
        return {row["slot"]: row["message_id"] for row in rows}


def _summaries(slots: dict[str, str], came: Counter[str], logs: str) -> list[str]:
    """Each slot once; twice only with the same Message-ID, and whatever is in doubt the log says so."""
    problems = [
        f"a summary {message_id} belongs to no slot"
        for message_id in came
        if message_id not in slots.values()
    ]
    for slot, message_id in slots.items():
        times = came[message_id]
        if times > 2:
            problems.append(f"the summary of {slot} was delivered {times} times")
        elif times != 1 and not _told(slot, logs):
            problems.append(f"the summary of {slot} was delivered {times} times, and the log does not say so")
    return problems


def _told(slot: str, logs: str) -> bool:
    return any(slot in line and _IN_DOUBT in line for line in logs.splitlines())


def _summary_id(content: bytes) -> str | None:
    """The Message-ID of a weekly summary; None for another mail, such as an alarm."""
    mail = message_from_bytes(content)
    return str(mail["Message-ID"]).strip() if mail["X-Refundtracker"] == "summary" else None
