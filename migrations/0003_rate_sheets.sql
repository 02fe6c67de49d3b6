-- A withdrawn version never takes effect; it stays readable.
ALTER TABLE rate_sheets ADD COLUMN short_notice INTEGER NOT NULL DEFAULT 0 CHECK (short_notice IN (0, 1));
ALTER TABLE rate_sheets ADD COLUMN withdrawn_at_ms INTEGER CHECK (withdrawn_at_ms < effective_at_ms);

-- What the admins of accounts are told of a version: written together with its publication or withdrawal, then worked
-- off account by account. The key names the notice within each account: "rate_change/7".
CREATE TABLE rate_notices (
  notice TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('rate_change', 'rate_withdrawn')),
  version INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  effective_at_ms INTEGER NOT NULL,
  short_notice INTEGER NOT NULL CHECK (short_notice IN (0, 1)),
  changes TEXT NOT NULL CHECK (json_valid(changes)),
  -- Of a withdrawal: the notices that it takes back.
  revokes TEXT NOT NULL CHECK (json_valid(revokes)),
  -- Account keys up to this one are dealt with.
  told_up_to TEXT NOT NULL,
  progressed_at_ms INTEGER NOT NULL,
  done INTEGER NOT NULL CHECK (done IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_notices_open ON rate_notices (progressed_at_ms) WHERE done = 0;
