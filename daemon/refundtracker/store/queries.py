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
SELECT link.*, coalesce(notice.on_date, decision.on_date) AS on_date,
  coalesce(notice.issuer, decision.issuer) AS issuer, coalesce(notice.card, decision.card) AS card
FROM link LEFT JOIN notice ON notice.id = link.notice_id
  LEFT JOIN decision ON decision.id = link.decision_id
WHERE link.dispute_id IN (SELECT value FROM json_each(?))
ORDER BY on_date, link.n
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
LAST_CONFIRMED: Final = """
SELECT * FROM outbox WHERE kind = ? AND sent_at IS NOT NULL AND last_error IS NULL
ORDER BY sent_at DESC, rowid DESC LIMIT 1
"""
UNSENT: Final = """
SELECT * FROM outbox WHERE kind = ? AND sent_at IS NULL ORDER BY created_at DESC, rowid DESC LIMIT 1
"""
IN_DOUBT: Final = "SELECT * FROM outbox WHERE unsure > 0 AND sent_at >= ? ORDER BY sent_at, rowid"
# In doubt from before the attempt until its end is known.
TRIED: Final = """
UPDATE outbox SET tried_at = ?, attempts = attempts + 1 WHERE kind = ? AND slot = ?
"""
LEAVING: Final = "UPDATE outbox SET unsure = unsure + 1 WHERE kind = ? AND slot = ?"
SENT: Final = """
UPDATE outbox SET unsure = CASE WHEN sent_at IS NULL THEN max(unsure - 1, 0) ELSE unsure END,
  sent_at = coalesce(sent_at, ?), last_error = NULL
WHERE kind = ? AND slot = ?
"""
FAILED: Final = """
UPDATE outbox SET last_error = ?, unsure = max(unsure - 1, 0) WHERE kind = ? AND slot = ?
"""
REWRITE: Final = "UPDATE outbox SET content = ? WHERE kind = ? AND slot = ? AND unsure = 0"
FORGET_SENT: Final = """
DELETE FROM outbox WHERE substr(kind, 1, length(?1)) = ?1 AND sent_at < ?2 AND last_error IS NULL
"""
NOTE_ERROR: Final = "UPDATE outbox SET last_error = ? WHERE kind = ? AND slot = ?"
GIVEN_UP: Final = """
UPDATE outbox SET sent_at = coalesce(sent_at, ?),
  last_error = coalesce(last_error, 'the service ended before the answer was noted')
WHERE kind = ? AND slot = ?
"""
ALARMS: Final = "SELECT * FROM alarm ORDER BY severity, since, kind, subject"
OPEN_ALARMS: Final = "SELECT * FROM alarm WHERE over_at IS NULL ORDER BY severity, since, kind, subject"
TOLD: Final = "SELECT * FROM alarm_told WHERE channel = ?"
# What is over stays until every channel that told of it has told that, too.
PURGE_ALARMS: Final = """
DELETE FROM alarm WHERE over_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alarm_told
  WHERE alarm_told.kind = alarm.kind AND alarm_told.subject = alarm.subject)
"""
OTHER_CHANNELS: Final = "DELETE FROM alarm_told WHERE channel NOT IN (SELECT value FROM json_each(?))"
NOTED: Final = "SELECT value FROM meta WHERE key = ?"
LATEST: Final = """
SELECT max(recorded_at) FROM mail WHERE outcome IN ('notice', 'ignored', 'unread', 'untrusted')
"""
# A decision names a mail and the place of a notice in it, since the numbers of both may change.
_DECISION: Final = """
SELECT decision.*, mail.id AS mail_id, notice.id AS notice_id FROM decision
LEFT JOIN mail ON mail.identity = decision.mail_sha256
LEFT JOIN notice ON notice.mail_id = mail.id AND notice.n = decision.n AND mail.outcome = 'notice'
"""
DECISIONS: Final = f"{_DECISION} ORDER BY decision.id"
DECISION: Final = f"{_DECISION} WHERE decision.id = ?"
LAST_DECISION: Final = "SELECT max(id) FROM decision WHERE undone_at IS NULL"
UNDO: Final = "UPDATE decision SET undone_at = ? WHERE id = ? AND undone_at IS NULL"
REVISION: Final = "SELECT coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?), 0)"
REVISE: Final = """
INSERT INTO meta (key, value) VALUES ('notices', '1')
ON CONFLICT (key) DO UPDATE SET value = CAST(value + 1 AS TEXT)
"""
MAIL_WITH: Final = "SELECT mail_id FROM notice WHERE id = ?"
RAW: Final = "SELECT raw FROM mail WHERE id = ?"
NOTICE_IDS: Final = "SELECT id FROM notice"
DISPUTES: Final = "SELECT * FROM dispute ORDER BY id"
STATUS: Final = "SELECT * FROM account_status WHERE account = ?"
STATUSES: Final = "SELECT * FROM account_status ORDER BY account"
