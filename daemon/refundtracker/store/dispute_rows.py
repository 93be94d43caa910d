"""Between a dispute with its window and its money, and the rows of the tables `dispute` and `link`."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from refundparsers.money import Money
from refundtracker.disputes import Deadline, Dispute, Former, Reason, Received, Window, Worth
from refundtracker.store.rows import clean, day, day_of, money_of, money_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refundtracker.store.rows import Row, Stored


def dispute_row(dispute: Dispute) -> Row:
    """The columns of a dispute, except its id."""
    return clean(
        {
            "key": dispute.key,
            "order_no": dispute.order,
            "dispute_no": dispute.dispute,
            "item": dispute.item,
            "seller": dispute.seller,
            "phase": dispute.phase,
            "opened_on": day(dispute.opened_on),
            "finished_on": day(dispute.finished_on),
            **money_row(dispute.promised, "promised_minor", "promised_currency"),
            **_window_row(dispute.window),
            "act_by": day(dispute.act_by),
            "chargeback_by": day(dispute.chargeback_by),
            "awaited": int(
                dispute.phase == "promised" and not dispute.received and dispute.written_off is None
            ),
            "written_off_on": day(dispute.written_off),
            "deadlines": _deadlines_text(dispute.deadlines),
            "claimed_on": day(dispute.claimed_on),
        }
    )


def _window_row(window: Window | None) -> Row:
    return {
        "starts_on": window.starts_on.isoformat() if window else None,
        "due_on": window.due_on.isoformat() if window else None,
        "overdue_on": window.overdue_on.isoformat() if window else None,
        "escalate_on": window.escalate_on.isoformat() if window else None,
        "calendar": window.calendar if window else None,
        "method": window.method if window else None,
        "holiday_table": window.table if window else None,
        "latest_on": day(window.latest_on) if window else None,
        **_former_row(window.was if window else None),
    }


def _former_row(was: Former | None) -> Row:
    return {
        "former_table": was.table if was else None,
        "former_due_on": was.due_on.isoformat() if was else None,
        "former_overdue_on": was.overdue_on.isoformat() if was else None,
    }


def moved(row: Row, former: Row) -> bool:
    """Whether the same window has other dates than the stored one: the table or the user's days changed."""
    same = all(row[name] == former[name] for name in ("starts_on", "calendar", "method"))
    dates = ("due_on", "overdue_on", "escalate_on")
    return same and row["starts_on"] is not None and any(row[name] != former[name] for name in dates)


def remembering(row: Row, former: Row) -> Row:
    """The new columns of a stored dispute, with what its window was before it was counted anew."""
    if moved(row, former):
        was = ("holiday_table", "due_on", "overdue_on")
        return {**row, **{name: former[source] for name, source in zip(_former_row(None), was, strict=True)}}
    kept = all(row[name] == former[name] for name in ("starts_on", "calendar", "method"))
    return {**row, **{name: former[name] for name in _former_row(None)}} if kept else row


def _deadlines_text(deadlines: Sequence[Deadline]) -> str:
    listed = [[each.kind, each.day.isoformat(), int(each.estimated), each.source] for each in deadlines]
    return json.dumps(listed, separators=(",", ":"))


def _deadlines_of(text: str) -> tuple[Deadline, ...]:
    return tuple(
        Deadline(kind, date.fromisoformat(on), bool(estimated), source)
        for kind, on, estimated, source in json.loads(text)
    )


def _window_of(row: Stored) -> Window | None:
    if row["starts_on"] is None:
        return None
    return Window(
        starts_on=date.fromisoformat(row["starts_on"]),
        due_on=date.fromisoformat(row["due_on"]),
        overdue_on=date.fromisoformat(row["overdue_on"]),
        escalate_on=date.fromisoformat(row["escalate_on"]),
        calendar=row["calendar"],
        method=row["method"],
        table=row["holiday_table"],
        latest_on=day_of(row["latest_on"]),
        was=_former_of(row),
    )


def _former_of(row: Stored) -> Former | None:
    if row["former_table"] is None:
        return None
    return Former(
        row["former_table"],
        date.fromisoformat(row["former_due_on"]),
        date.fromisoformat(row["former_overdue_on"]),
    )


def dispute_of(row: Stored, received: tuple[Received, ...]) -> Dispute:
    """The dispute of a row of the table `dispute` and its links."""
    return Dispute(
        key=row["key"],
        id=row["id"],
        order=row["order_no"],
        dispute=row["dispute_no"],
        item=row["item"],
        seller=row["seller"],
        phase=row["phase"],
        opened_on=day_of(row["opened_on"]),
        finished_on=day_of(row["finished_on"]),
        promised=money_of(row["promised_minor"], row["promised_currency"]),
        received=received,
        window=_window_of(row),
        act_by=day_of(row["act_by"]),
        chargeback_by=day_of(row["chargeback_by"]),
        deadlines=_deadlines_of(row["deadlines"]),
        claimed_on=day_of(row["claimed_on"]),
        written_off=day_of(row["written_off_on"]),
    )


def link_row(received: Received) -> Row:
    """The columns of a link, except its key. Day, issuer and card stay with the notice or the decision."""
    return clean(
        {
            "notice_id": received.notice_id,
            "decision_id": received.decision_id,
            **money_row(received.money, "amount_minor", "currency"),
            "linked_by": received.link,
            "why_code": received.why.code,
            "why_values": json.dumps(received.why.values, ensure_ascii=False, sort_keys=True),
            **_worth_row(received.worth),
        }
    )


def received_of(row: Stored) -> Received:
    """The money of a row that joins link with notice or decision."""
    return Received(
        money=Money(row["amount_minor"], row["currency"]),
        on=date.fromisoformat(row["on_date"]),
        issuer=row["issuer"],
        card=row["card"],
        link=row["linked_by"],
        why=Reason(row["why_code"], json.loads(row["why_values"])),
        notice_id=row["notice_id"],
        decision_id=row["decision_id"],
        worth=_worth_of(row),
    )


def _worth_row(worth: Worth | None) -> Row:
    return {
        **money_row(worth.money if worth else None, "worth_minor", "worth_currency"),
        "worth_spread": worth.spread if worth else None,
        "worth_estimated": int(worth.estimated) if worth else None,
    }


def _worth_of(row: Stored) -> Worth | None:
    if row["worth_minor"] is None:
        return None
    money = Money(row["worth_minor"], row["worth_currency"])
    return Worth(money, row["worth_spread"], bool(row["worth_estimated"]))
