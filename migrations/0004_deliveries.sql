-- What a user wants to be told by e-mail: separate notices asked for, and whether any at all.
ALTER TABLE users ADD COLUMN notify TEXT NOT NULL DEFAULT '{"optIn":[],"email":true}' CHECK (json_valid(notify));

-- The secret is derived from id and version, so that none is stored. While the version before it is still good, both sign.
ALTER TABLE webhook_endpoints ADD COLUMN secret_version INTEGER NOT NULL DEFAULT 1 CHECK (secret_version > 0);
ALTER TABLE webhook_endpoints ADD COLUMN previous_secret_until_ms INTEGER;
ALTER TABLE webhook_endpoints ADD COLUMN disabled_at_ms INTEGER;
-- An endpoint that does not answer is left alone for a while: nobody else waits for it.
ALTER TABLE webhook_endpoints ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhook_endpoints ADD COLUMN rests_until_ms INTEGER;

-- The delivery log, and the schedule of what is still to be made: a queue message only says "look now".
CREATE TABLE delivery_log (
  delivery_id TEXT PRIMARY KEY,
  mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
  -- Both are null for a test ping, which tells of no account.
  account_key TEXT,
  notification_id TEXT,
  channel TEXT NOT NULL CHECK (channel IN ('email', 'webhook')),
  target TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL,
  last_error TEXT,
  -- The last attempts, oldest first: [{"atMs": …, "error": … or null}].
  attempt_log TEXT NOT NULL CHECK (json_valid(attempt_log)),
  -- A round begins with the fan-out and with each resend: back-off and giving up count from there.
  round_attempts INTEGER NOT NULL,
  round_started_ms INTEGER NOT NULL,
  next_attempt_ms INTEGER CHECK ((next_attempt_ms IS NULL) = (status <> 'pending')),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO delivery_log
SELECT delivery_id, CASE WHEN substr(notification_id, 1, 5) = 'live:' THEN 'live' ELSE 'test' END,
       (SELECT account_key FROM notifications WHERE notifications.notification_id = deliveries.notification_id),
       notification_id, channel, target, status, attempts, last_error, '[]', 0, updated_at_ms,
       CASE WHEN status = 'pending' THEN updated_at_ms END, updated_at_ms, updated_at_ms
  FROM deliveries;

DROP TABLE deliveries;
ALTER TABLE delivery_log RENAME TO deliveries;

CREATE INDEX deliveries_by_notification ON deliveries (notification_id);
CREATE INDEX deliveries_by_time ON deliveries (mode, created_at_ms, delivery_id);
CREATE INDEX deliveries_by_status ON deliveries (mode, status, created_at_ms, delivery_id);
CREATE INDEX deliveries_due ON deliveries (next_attempt_ms) WHERE status = 'pending';

-- A resent letter stays; a message that dies again is another letter.
ALTER TABLE dead_letters ADD COLUMN mode TEXT NOT NULL DEFAULT 'live' CHECK (mode IN ('live', 'test'));
ALTER TABLE dead_letters ADD COLUMN account_key TEXT;
ALTER TABLE dead_letters ADD COLUMN resent_at_ms INTEGER;

UPDATE dead_letters
   SET account_key = coalesce(body ->> '$.accountKey', substr(body ->> '$.deliveryId', 1, instr(body ->> '$.deliveryId', '/') - 1));
UPDATE dead_letters SET mode = 'test' WHERE account_key LIKE 'test:%';

CREATE INDEX dead_letters_by_time ON dead_letters (mode, died_at_ms, message_id);
