-- Daily analysis: each account is looked at once per local day of its own.
CREATE TABLE analyses (
  account_key TEXT PRIMARY KEY,
  -- When to look next. null: on a test clock, which brings its own time; or closed.
  due_at_ms INTEGER,
  -- The last local day that was analysed, YYYY-MM-DD. null: none yet.
  analysed_day TEXT,
  -- Name of the last period whose projected exhaustion was told.
  told_period TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX analyses_due ON analyses (due_at_ms) WHERE due_at_ms IS NOT NULL;

CREATE TRIGGER accounts_begin_analysis AFTER INSERT ON accounts BEGIN
  INSERT INTO analyses (account_key, due_at_ms)
  VALUES (NEW.account_key, CASE WHEN NEW.test_clock_id IS NULL THEN NEW.created_at_ms + 86400000 END)
  ON CONFLICT (account_key) DO NOTHING;
END;

-- What lies before this migration is not told any more.
INSERT INTO analyses (account_key, due_at_ms, analysed_day)
SELECT account_key, CASE WHEN test_clock_id IS NULL THEN unixepoch() * 1000 END,
       date(coalesce((SELECT now_ms / 1000 FROM test_clocks WHERE clock_id = test_clock_id), unixepoch()) - 86400, 'unixepoch')
  FROM accounts;
