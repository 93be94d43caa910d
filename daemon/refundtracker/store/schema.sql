-- The database as it is today, for people who read or query it. The program makes it by the
-- migrations in schema.py; a test keeps the two equal.
-- Moments are text in UTC (2026-05-12T04:22:00Z), days are text (2026-05-12), money is an
-- integer of minor units beside an ISO 4217 code. mail, sighting, notice and folder are the
-- record, decision is the user's own word; dispute, event and link are derived from both and can
-- be made again at any time.

PRAGMA application_id = 1380339268;  -- "RFND": this is no other program's file
PRAGMA user_version = 5;             -- how many migrations were applied

-- Every mail that was seen, with its one outcome.
CREATE TABLE mail (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identity TEXT NOT NULL UNIQUE,     -- the sha256, or place:account/folder/uidvalidity/uid
  sha256 TEXT,                       -- of the raw bytes; NULL when the body was not fetched
  message_id TEXT,                   -- a hint only: it may be missing or repeated
  sender TEXT,
  subject TEXT,
  date TEXT,
  arrived TEXT,                      -- INTERNALDATE of the server
  size INTEGER NOT NULL,             -- bytes of the whole mail
  outcome TEXT NOT NULL CHECK (outcome IN
    ('notice', 'ignored', 'not-ours', 'unread', 'untrusted', 'unparsable')),
  reason TEXT,
  trust TEXT CHECK (trust IN ('verified', 'allowed', 'unproven', 'forged')),
  recorded_at TEXT NOT NULL,
  raw BLOB                           -- the mail, zlib; last, so that other columns are cheap
) STRICT;
CREATE INDEX mail_by_outcome ON mail (outcome, recorded_at);
CREATE INDEX mail_unfetched ON mail (arrived, size) WHERE sha256 IS NULL;

-- Where a mail was seen. One mail may lie in several folders.
CREATE TABLE sighting (
  account TEXT NOT NULL,
  folder TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  mail_id INTEGER NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
  PRIMARY KEY (account, folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_by_mail ON sighting (mail_id);

-- The facts a mail states, in the order it states them.
CREATE TABLE notice (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  mail_id INTEGER NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN
    ('order-paid', 'order-shipped', 'order-delivered', 'order-closing', 'order-closed',
     'dispute-opened', 'seller-responded', 'proposal', 'evidence-requested', 'return-requested',
     'dispute-escalated', 'dispute-withdrawn', 'dispute-finished', 'refund-sent',
     'seller-message', 'card-charged', 'card-cancelled', 'refund-announced',
     'authorisation-expired')),
  source TEXT NOT NULL CHECK (source IN ('aliexpress', 'card', 'bank', 'wallet')),
  form TEXT NOT NULL,
  order_no TEXT,
  dispute_no TEXT,
  item TEXT,
  seller TEXT,
  result TEXT CHECK (result IN
    ('refund', 'partial-refund', 'return-and-refund', 'rejected', 'coupon')),
  amount_minor INTEGER,
  currency TEXT,
  issuer TEXT,
  card TEXT,
  merchant TEXT,
  on_date TEXT NOT NULL,
  at TEXT,
  act_by TEXT,
  reference TEXT,
  UNIQUE (mail_id, n),
  CHECK ((amount_minor IS NULL) = (currency IS NULL))
) STRICT;
CREATE INDEX notice_credit ON notice (on_date)
  WHERE kind IN ('card-cancelled', 'refund-announced', 'refund-sent');

-- How far each folder was swept.
CREATE TABLE folder (
  account TEXT NOT NULL,
  folder TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL,
  last_uid INTEGER NOT NULL,
  swept_at TEXT,
  PRIMARY KEY (account, folder)
) STRICT, WITHOUT ROWID;

-- One row a dispute; what it is on a given day is asked of the program, not stored.
CREATE TABLE dispute (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the number people type; never given twice
  key TEXT NOT NULL UNIQUE,
  order_no TEXT,
  dispute_no TEXT,
  item TEXT,
  seller TEXT,
  phase TEXT NOT NULL CHECK (phase IN
    ('open', 'act', 'returning', 'promised', 'lost', 'withdrawn', 'compensated', 'closed')),
  opened_on TEXT,
  finished_on TEXT,
  promised_minor INTEGER,
  promised_currency TEXT,
  starts_on TEXT,
  due_on TEXT,
  overdue_on TEXT,
  escalate_on TEXT,
  calendar TEXT,
  method TEXT,
  holiday_table TEXT,
  act_by TEXT,
  chargeback_by TEXT,
  awaited INTEGER NOT NULL CHECK (awaited IN (0, 1)),  -- promised, and no money linked yet
  written_off_on TEXT,                   -- the user gave it up
  latest_on TEXT,                        -- overdue_on when China's holidays count, too; NULL when no later
  former_table TEXT,                     -- what the window was before it was counted anew
  former_due_on TEXT,
  former_overdue_on TEXT,
  deadlines TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(deadlines)),
  claimed_on TEXT,                       -- the seller said that the money is back
  CHECK ((promised_minor IS NULL) = (promised_currency IS NULL))
) STRICT;
CREATE INDEX dispute_by_order ON dispute (order_no) WHERE order_no IS NOT NULL;
CREATE INDEX dispute_by_number ON dispute (dispute_no) WHERE dispute_no IS NOT NULL;
CREATE INDEX dispute_awaited ON dispute (overdue_on) WHERE awaited = 1;

-- Which notices tell the story of a dispute.
CREATE TABLE event (
  dispute_id INTEGER NOT NULL REFERENCES dispute (id) ON DELETE CASCADE,
  notice_id INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
  PRIMARY KEY (dispute_id, notice_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_by_notice ON event (notice_id);

-- Which money pays which dispute, and why: money of a notice, or seen by the user alone.
CREATE TABLE link (
  dispute_id INTEGER NOT NULL REFERENCES dispute (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  notice_id INTEGER REFERENCES notice (id) ON DELETE CASCADE,
  decision_id INTEGER REFERENCES decision (id) ON DELETE CASCADE,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  linked_by TEXT NOT NULL CHECK (linked_by IN ('auto', 'user')),
  why_code TEXT NOT NULL,
  why_values TEXT NOT NULL CHECK (json_valid(why_values)),
  worth_minor INTEGER,                   -- of money in another currency, in that of the promise
  worth_currency TEXT,
  worth_spread INTEGER,                  -- what it may lack without being short
  worth_estimated INTEGER,               -- 1: at a rate; 0: measured against the charge
  PRIMARY KEY (dispute_id, n),
  CHECK ((notice_id IS NULL) <> (decision_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_notice ON link (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX link_by_decision ON link (decision_id) WHERE decision_id IS NOT NULL;

-- What the user said. It refers to what stays when mails are read again, so nothing is deleted with them.
CREATE TABLE decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  made_at TEXT NOT NULL,
  verb TEXT NOT NULL CHECK (verb IN
    ('link', 'unlink', 'confirm', 'write-off', 'note', 'method', 'card')),
  dispute_key TEXT NOT NULL,         -- of the dispute as it was then
  order_no TEXT,
  dispute_no TEXT,
  mail_sha256 TEXT,                  -- the mail with the money, and which notice of it
  n INTEGER,
  amount_minor INTEGER,
  currency TEXT,
  on_date TEXT,
  issuer TEXT,
  card TEXT,
  text TEXT,                         -- the note, or the name of the method
  undone_at TEXT,
  CHECK ((amount_minor IS NULL) = (currency IS NULL)),
  CHECK ((mail_sha256 IS NULL) = (n IS NULL)),
  CHECK ((verb IN ('link', 'unlink')) = (mail_sha256 IS NOT NULL))
) STRICT;

-- What was sent or is to be sent: exactly one row a slot (weekly:2026-W47).
CREATE TABLE outbox (
  kind TEXT NOT NULL,
  slot TEXT NOT NULL,
  message_id TEXT NOT NULL,          -- made before the first attempt, kept for every retry
  created_at TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,                   -- NULL when a server confirmed it
  sent_at TEXT,                      -- confirmed, or not to be tried again
  tried_at TEXT,                     -- noted before the attempt
  unsure INTEGER NOT NULL DEFAULT 0, -- attempts that may have delivered it, unconfirmed
  content TEXT,
  UNIQUE (kind, slot)
) STRICT;

CREATE TABLE account_status (
  account TEXT PRIMARY KEY NOT NULL,
  mode TEXT,
  last_login_at TEXT,
  last_sweep_at TEXT,
  trouble TEXT,
  trouble_since TEXT,
  trouble_kind TEXT
) STRICT, WITHOUT ROWID;

-- What is wrong. What is over stays until every channel that told of it has told that, too.
CREATE TABLE alarm (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,             -- which account, dispute ...; empty when there is only one
  severity TEXT NOT NULL CHECK (severity IN ('urgent', 'warning')),
  details TEXT NOT NULL CHECK (json_valid(details)),
  since TEXT NOT NULL,
  raised_at TEXT NOT NULL,           -- noticed first
  over_at TEXT,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

-- Which channel (mail, log ...) told of which alarm last, and when.
CREATE TABLE alarm_told (
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  told_at TEXT NOT NULL,
  PRIMARY KEY (channel, kind, subject),
  FOREIGN KEY (kind, subject) REFERENCES alarm (kind, subject) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_told_by_alarm ON alarm_told (kind, subject);

CREATE TABLE meta (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
