-- When something last happened, for GET /v1/status: "cron" is the last run that ended well, "segments/live" and
-- "segments/test" are when entries last came into the log.
CREATE TABLE heartbeats (
  name TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every 10 seconds at most, which spares rows.
CREATE TRIGGER segments_heartbeat AFTER INSERT ON segments BEGIN
  INSERT INTO heartbeats (name, at_ms)
  VALUES ('segments/' || substr(NEW.account_key, 1, instr(NEW.account_key, ':') - 1), unixepoch() * 1000)
  ON CONFLICT (name) DO UPDATE SET at_ms = excluded.at_ms WHERE heartbeats.at_ms <= excluded.at_ms - 10000;
END;

-- Cron runs that handed accounts to billing; the newest 1,000 are kept.
CREATE TABLE billing_runs (
  at_ms INTEGER PRIMARY KEY,
  dispatched INTEGER NOT NULL CHECK (dispatched > 0)
) STRICT;

CREATE INDEX dead_letters_waiting ON dead_letters (mode, died_at_ms) WHERE resent_at_ms IS NULL;
