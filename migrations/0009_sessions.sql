-- Who is signed in to the pages. A portal link is a session that nobody has opened yet; rows are swept once they are over.
CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  -- Both null: a session of the operator's.
  account_key TEXT,
  user_id TEXT,
  created_at_ms INTEGER NOT NULL,
  -- A link opens once and only until then; null: there is no link.
  link_expires_at_ms INTEGER,
  opened_at_ms INTEGER,
  ended_at_ms INTEGER,
  expires_at_ms INTEGER NOT NULL,
  CHECK ((account_key IS NULL) = (user_id IS NULL)),
  CHECK (link_expires_at_ms IS NOT NULL OR opened_at_ms IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_over ON sessions (expires_at_ms);
