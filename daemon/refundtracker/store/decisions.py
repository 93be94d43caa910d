"""What the store keeps of the user's own word."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from refundtracker.decisions import Decision
from refundtracker.errors import BadInput
from refundtracker.store import database
from refundtracker.store import queries as sql
from refundtracker.store.rows import clean, day, day_of, moment, moment_of, money_of, money_row

if TYPE_CHECKING:
    from refundtracker.store.rows import Row, Stored


class Decisions(database.Session):
    """The part of the store that knows what the user decided. Nothing in it is ever deleted."""

    def decisions(self) -> list[Decision]:
        """All of them, oldest first, also those that were taken back."""
        with self._reading():
            return [_decision_of(row) for row in self._rows(sql.DECISIONS)]

    def decide(self, decision: Decision) -> int:
        """Keeps a decision and gives its number; the disputes have to be derived anew then."""
        with self._writing() as db:
            table = db.table("decision").insert(clean(_decision_row(decision)))
            db.execute(sql.REVISE)
            return int(table.last_rowid or 0)

    def undo(self, number: int | None, now: datetime) -> Decision:
        """Takes back the decision with this number, or the latest one; the disputes are derived anew then.

        Raises:
            BadInput: there is none, or it was taken back before.
        """
        with self._writing() as db:
            wanted = self._rows(sql.LAST_DECISION)[0][0] if number is None else number
            row = self._row(sql.DECISION, wanted)
            if row is None:
                said = "there is no decision to undo" if number is None else f"there is no decision {number}"
                raise BadInput(f"{said}; `refunds decisions` lists them")
            if not db.execute(sql.UNDO, [moment(now), wanted]).rowcount:
                raise BadInput(f"decision {wanted} was taken back already, at {row['undone_at']}")
            db.execute(sql.REVISE)
            return _decision_of(row)


def _decision_row(decision: Decision) -> Row:
    return {
        "made_at": moment(decision.made_at),
        "verb": decision.verb,
        "dispute_key": decision.key,
        "order_no": decision.order,
        "dispute_no": decision.dispute,
        "mail_sha256": decision.mail,
        "n": decision.n,
        **money_row(decision.money, "amount_minor", "currency"),
        "on_date": day(decision.on),
        "issuer": decision.issuer,
        "card": decision.card,
        "text": decision.text,
    }


def _decision_of(row: Stored) -> Decision:
    return Decision(
        id=row["id"],
        made_at=datetime.fromisoformat(row["made_at"]),
        verb=row["verb"],
        key=row["dispute_key"],
        order=row["order_no"],
        dispute=row["dispute_no"],
        mail=row["mail_sha256"],
        n=row["n"],
        mail_id=row["mail_id"],
        notice_id=row["notice_id"],
        money=money_of(row["amount_minor"], row["currency"]),
        on=day_of(row["on_date"]),
        issuer=row["issuer"],
        card=row["card"],
        text=row["text"],
        undone_at=moment_of(row["undone_at"]),
    )
