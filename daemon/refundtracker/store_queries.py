"""The questions the store asks. Those about one thing use an index; a test looks at the plans."""

from __future__ import annotations

from typing import Final

NOTICES: Final = """
SELECT notice.*, mail.date AS mail_date, mail.trust
FROM notice JOIN mail ON mail.id = notice.mail_id WHERE mail.outcome = 'notice' ORDER BY notice.id
"""
NOTICES_OF: Final = """
SELECT notice.*, mail.date AS mail_date, mail.trust
FROM notice JOIN mail ON mail.id = notice.mail_id WHERE notice.mail_id = ? ORDER BY notice.n
"""
# CROSS JOIN begins with the few credits; without it all mails of outcome `notice` would be visited.
CREDITS: Final = """
SELECT notice.*, mail.date AS mail_date, mail.trust
FROM notice CROSS JOIN mail ON mail.id = notice.mail_id
WHERE notice.kind IN ('card-cancelled', 'refund-announced', 'refund-sent')
  AND (notice.kind <> 'refund-sent' OR notice.source <> 'aliexpress')
  AND mail.outcome = 'notice'
  AND NOT EXISTS (SELECT 1 FROM link WHERE link.notice_id = notice.id)
ORDER BY notice.on_date, notice.id
"""
# A notice without a time stands within its day where its mail came.
TIMELINE: Final = """
SELECT notice.*, mail.date AS mail_date, mail.trust, mail.subject, mail.sender, mail.sha256
FROM event JOIN notice ON notice.id = event.notice_id JOIN mail ON mail.id = notice.mail_id
WHERE event.dispute_id = ?
ORDER BY notice.on_date, coalesce(notice.at, mail.date, mail.arrived), notice.id
"""
LINKS: Final = """
SELECT link.*, notice.on_date, notice.issuer, notice.card
FROM link JOIN notice ON notice.id = link.notice_id
WHERE link.dispute_id IN (SELECT value FROM json_each(?))
ORDER BY notice.on_date, notice.id
"""
FIND: Final = "SELECT * FROM dispute WHERE id = ? OR order_no = ? OR dispute_no = ? ORDER BY id"
AWAITED: Final = "SELECT * FROM dispute WHERE awaited = 1 AND overdue_on < ? ORDER BY overdue_on, id"
_MAIL: Final = """
SELECT id, sha256, message_id, sender, subject, date, arrived, size, outcome, reason, trust, recorded_at,
  length(raw) AS kept FROM mail
"""
MAILS: Final = f"{_MAIL} ORDER BY coalesce(date, arrived, recorded_at) DESC, id DESC LIMIT ?"
MAILS_OF: Final = (
    f"{_MAIL} WHERE outcome = ? ORDER BY coalesce(date, arrived, recorded_at) DESC, id DESC LIMIT ?"
)
MAIL_BY_ID: Final = f"{_MAIL} WHERE id = ?"
MAIL_BY_PREFIX: Final = (
    f"{_MAIL} WHERE identity >= ?1 AND identity < ?1 || 'g' LIMIT 2"  # after any hex digit
)
COUNTS: Final = "SELECT outcome, count(*) FROM mail WHERE recorded_at >= ? GROUP BY outcome"
UIDS: Final = "SELECT uid FROM sighting WHERE account = ? AND folder = ? AND uidvalidity = ?"
CURSOR: Final = "SELECT * FROM folder WHERE account = ? AND folder = ?"
OUTBOX_ROW: Final = "SELECT * FROM outbox WHERE kind = ? AND slot = ?"
LAST_SENT: Final = """
SELECT * FROM outbox WHERE kind = ? AND sent_at IS NOT NULL ORDER BY sent_at DESC, rowid DESC LIMIT 1
"""
SENT: Final = """
UPDATE outbox SET sent_at = coalesce(sent_at, ?), attempts = attempts + 1, last_error = NULL
WHERE kind = ? AND slot = ?
"""
FAILED: Final = "UPDATE outbox SET last_error = ?, attempts = attempts + 1 WHERE kind = ? AND slot = ?"
REVISION: Final = "SELECT coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?), 0)"
REVISE: Final = """
INSERT INTO meta (key, value) VALUES ('notices', '1')
ON CONFLICT (key) DO UPDATE SET value = CAST(value + 1 AS TEXT)
"""
RAW: Final = "SELECT raw FROM mail WHERE id = ?"
NOTICE_IDS: Final = "SELECT id FROM notice"
DISPUTES: Final = "SELECT * FROM dispute ORDER BY id"
STATUS: Final = "SELECT * FROM account_status WHERE account = ?"
STATUSES: Final = "SELECT * FROM account_status ORDER BY account"
