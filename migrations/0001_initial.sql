-- The operator's one row: the revision grows with every change that accounts or callers must learn of.
CREATE TABLE operator (
  singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
  revision INTEGER NOT NULL,
  catalog TEXT NOT NULL CHECK (json_valid(catalog))
) STRICT;

INSERT INTO operator (singleton, revision, catalog) VALUES (1, 0,
  '{"plans":[],"packs":[],"overageRates":[],"noticePercentages":[75,85,90],"automaticPacksMax":null,"seller":{"name":"","address":"","taxIds":[]}}');

CREATE TABLE rate_sheets (
  version INTEGER PRIMARY KEY,
  effective_at_ms INTEGER NOT NULL,
  published_at_ms INTEGER NOT NULL,
  features TEXT NOT NULL CHECK (json_valid(features))
) STRICT;

CREATE TABLE api_keys (
  key_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  scopes TEXT NOT NULL CHECK (json_valid(scopes)),
  created_at_ms INTEGER NOT NULL,
  revoked_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_endpoints (
  endpoint_id TEXT PRIMARY KEY,
  mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  url TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE test_clocks (
  clock_id TEXT PRIMARY KEY,
  now_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- account_key is mode and id, "live:acme": live and test accounts never meet.
CREATE TABLE accounts (
  account_key TEXT PRIMARY KEY,
  mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  account_id TEXT NOT NULL,
  terms TEXT NOT NULL CHECK (json_valid(terms)),
  profile TEXT NOT NULL CHECK (json_valid(profile)),
  test_clock_id TEXT REFERENCES test_clocks (clock_id),
  created_at_ms INTEGER NOT NULL,
  period_ends_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX accounts_due ON accounts (period_ends_at_ms) WHERE test_clock_id IS NULL;
CREATE INDEX accounts_of_clock ON accounts (test_clock_id) WHERE test_clock_id IS NOT NULL;

CREATE TABLE users (
  account_key TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT,
  roles TEXT NOT NULL CHECK (json_valid(roles)),
  PRIMARY KEY (account_key, user_id)
) STRICT, WITHOUT ROWID;

-- A run of consecutive entries. Its key makes a second delivery change nothing, roll-ups included.
CREATE TABLE segments (
  account_key TEXT NOT NULL,
  first_seq INTEGER NOT NULL CHECK (first_seq > 0),
  last_seq INTEGER NOT NULL CHECK (last_seq >= first_seq),
  period TEXT NOT NULL,
  -- Span of the times at which its entries occurred.
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  credits_micros INTEGER NOT NULL,
  entries TEXT NOT NULL CHECK (json_array_length(entries) = last_seq - first_seq + 1),
  PRIMARY KEY (account_key, first_seq)
) STRICT, WITHOUT ROWID;

-- One row per day and dimension: 'action' (feature and key = action), 'user' and 'workflow' (key).
-- events counts an entry once per dimension, at its first item; uses counts every item.
CREATE TABLE rollups (
  account_key TEXT NOT NULL,
  dimension TEXT NOT NULL,
  day TEXT NOT NULL,
  feature TEXT NOT NULL,
  key TEXT NOT NULL,
  period TEXT NOT NULL,
  events INTEGER NOT NULL,
  uses INTEGER NOT NULL,
  quantity_micros INTEGER NOT NULL,
  credits_micros INTEGER NOT NULL,
  PRIMARY KEY (account_key, dimension, day, feature, key, period)
) STRICT, WITHOUT ROWID;

-- CAST keeps a quantity total inside int64 instead of failing the segment.
CREATE TRIGGER segments_roll_up AFTER INSERT ON segments BEGIN
  INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
  SELECT NEW.account_key, 'action', entry.value ->> '$.day', entry.value ->> '$.feature', item.value ->> '$[0]', NEW.period,
         sum(item.key = 0), count(*), sum(item.value ->> '$[1]'), sum(item.value ->> '$[2]')
    FROM json_each(NEW.entries) AS entry, json_each(entry.value, '$.items') AS item
   GROUP BY 3, 4, 5
  UNION ALL
  SELECT NEW.account_key, 'user', entry.value ->> '$.day', '', entry.value ->> '$.user', NEW.period,
         count(*), count(*), 0, sum(entry.value ->> '$.creditsMicros')
    FROM json_each(NEW.entries) AS entry
   WHERE entry.value ->> '$.user' IS NOT NULL
   GROUP BY 3, 5
  UNION ALL
  SELECT NEW.account_key, 'workflow', entry.value ->> '$.day', '', entry.value ->> '$.workflow', NEW.period,
         count(*), count(*), 0, sum(entry.value ->> '$.creditsMicros')
    FROM json_each(NEW.entries) AS entry
   WHERE entry.value ->> '$.workflow' IS NOT NULL
   GROUP BY 3, 5
  ON CONFLICT (account_key, dimension, day, feature, key, period) DO UPDATE SET
    events = events + excluded.events,
    uses = uses + excluded.uses,
    quantity_micros = CAST(quantity_micros + excluded.quantity_micros AS INTEGER),
    credits_micros = credits_micros + excluded.credits_micros;
END;

-- One row per booked entry, for people who ask with SQL; name an account and a span of days.
CREATE VIEW usage_entries AS
SELECT segment.account_key,
       segment.first_seq + entry.key AS seq,
       segment.period,
       entry.value ->> '$.day' AS day,
       entry.value ->> '$.id' AS event_id,
       entry.value ->> '$.feature' AS feature,
       entry.value ->> '$.user' AS user_id,
       entry.value ->> '$.workflow' AS workflow,
       entry.value ->> '$.subject' AS subject,
       entry.value ->> '$.creditsMicros' AS credits_micros,
       entry.value ->> '$.atMs' AS at_ms
  FROM segments AS segment, json_each(segment.entries) AS entry;

-- Kept for as long as a queue may deliver a batch again.
CREATE TABLE denial_batches (
  account_key TEXT NOT NULL,
  batch TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL,
  counts TEXT NOT NULL CHECK (json_valid(counts)),
  PRIMARY KEY (account_key, batch)
) STRICT, WITHOUT ROWID;

CREATE TABLE denials (
  account_key TEXT NOT NULL,
  day TEXT NOT NULL,
  feature TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  denials INTEGER NOT NULL,
  PRIMARY KEY (account_key, day, feature, action, reason)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER denial_batches_roll_up AFTER INSERT ON denial_batches BEGIN
  INSERT INTO denials (account_key, day, feature, action, reason, denials)
  SELECT NEW.account_key, value ->> '$.day', value ->> '$.feature', value ->> '$.action', value ->> '$.reason',
         sum(value ->> '$.denials')
    FROM json_each(NEW.counts)
   WHERE true
   GROUP BY 2, 3, 4, 5
  ON CONFLICT (account_key, day, feature, action, reason) DO UPDATE SET denials = denials + excluded.denials;
END;

CREATE TABLE periods (
  account_key TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),
  period TEXT NOT NULL,
  figures TEXT NOT NULL CHECK (json_valid(figures)),
  PRIMARY KEY (account_key, start_ms)
) STRICT, WITHOUT ROWID;

-- source names what is billed, such as "overage:1794614400000" (a period by its start): it is invoiced once.
-- Only status and payment_reference change; the number is composed with the prefix in the document.
CREATE TABLE invoices (
  invoice_id TEXT PRIMARY KEY,
  account_key TEXT NOT NULL,
  source TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  issued_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document)),
  status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'void', 'uncollectible')),
  payment_reference TEXT
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX invoices_by_number ON invoices (account_key, number);
CREATE UNIQUE INDEX invoices_by_source ON invoices (account_key, source);

CREATE TABLE notifications (
  notification_id TEXT PRIMARY KEY,
  account_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  content TEXT NOT NULL CHECK (json_valid(content))
) STRICT, WITHOUT ROWID;

CREATE INDEX notifications_by_account ON notifications (account_key, at_ms, notification_id);

CREATE TABLE deliveries (
  delivery_id TEXT PRIMARY KEY,
  notification_id TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('email', 'webhook')),
  target TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL,
  last_error TEXT,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_by_notification ON deliveries (notification_id);

CREATE TABLE banner_dismissals (
  account_key TEXT NOT NULL,
  user_id TEXT NOT NULL,
  banner_id TEXT NOT NULL,
  PRIMARY KEY (account_key, user_id, banner_id)
) STRICT, WITHOUT ROWID;

-- Messages that failed every retry, kept where an operator sees them.
CREATE TABLE dead_letters (
  message_id TEXT PRIMARY KEY,
  queue TEXT NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body)),
  died_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
