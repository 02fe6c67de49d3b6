-- Roll-ups by team and outcome, corrections, and the audit log.
ALTER TABLE rollups ADD COLUMN value_minor INTEGER NOT NULL DEFAULT 0;

-- Dimensions: 'action' (feature and key = action), 'user', 'team', 'workflow' (key), and 'outcome' (feature, and key =
-- the type and the unit of its quantity as a JSON array), with what the outcomes are worth in value_minor.
-- events counts uses once per dimension, at their first item; corrections take off credits and count no event. An
-- outcome that was attached later counts on its own day, with the credits of its event. 'no_items' counts nothing: it
-- marks the days with entries that no action knows of, for those who look for entries by day.
-- Two statements, because D1 takes five terms of a UNION at most.
DROP TRIGGER segments_roll_up;

CREATE TRIGGER segments_roll_up AFTER INSERT ON segments BEGIN
  INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros, value_minor)
  SELECT NEW.account_key, 'action', entry.value ->> '$.day', entry.value ->> '$.feature', item.value ->> '$[0]', NEW.period,
         sum(item.key = 0 AND entry.value -> '$.correction' IS NULL), sum(entry.value -> '$.correction' IS NULL),
         sum(item.value ->> '$[1]'), sum(item.value ->> '$[2]'), 0
    FROM json_each(NEW.entries) AS entry, json_each(entry.value, '$.items') AS item
   GROUP BY 3, 4, 5
  UNION ALL
  SELECT NEW.account_key, 'user', entry.value ->> '$.day', '', entry.value ->> '$.user', NEW.period,
         sum(entry.value -> '$.correction' IS NULL), sum(entry.value -> '$.correction' IS NULL),
         0, sum(entry.value ->> '$.creditsMicros'), 0
    FROM json_each(NEW.entries) AS entry
   WHERE entry.value ->> '$.user' IS NOT NULL AND entry.value -> '$.attached' IS NULL
   GROUP BY 3, 5
  UNION ALL
  SELECT NEW.account_key, 'team', entry.value ->> '$.day', '', team.value, NEW.period,
         sum(entry.value -> '$.correction' IS NULL), sum(entry.value -> '$.correction' IS NULL),
         0, sum(entry.value ->> '$.creditsMicros'), 0
    FROM json_each(NEW.entries) AS entry, json_each(entry.value, '$.teams') AS team
   WHERE entry.value -> '$.attached' IS NULL
   GROUP BY 3, 5
  ON CONFLICT (account_key, dimension, day, feature, key, period) DO UPDATE SET
    events = events + excluded.events,
    uses = uses + excluded.uses,
    quantity_micros = CAST(quantity_micros + excluded.quantity_micros AS INTEGER),
    credits_micros = credits_micros + excluded.credits_micros,
    value_minor = CAST(value_minor + excluded.value_minor AS INTEGER);
  -- Apart: D1 takes five terms per compound SELECT.
  INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
  SELECT NEW.account_key, 'no_items', entry.value ->> '$.day', '', '', NEW.period, 0, 0, 0, 0
    FROM json_each(NEW.entries) AS entry
   WHERE json_array_length(entry.value, '$.items') = 0
   GROUP BY 3
  ON CONFLICT (account_key, dimension, day, feature, key, period) DO NOTHING;
  INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros, value_minor)
  SELECT NEW.account_key, 'workflow', entry.value ->> '$.day', '', entry.value ->> '$.workflow', NEW.period,
         sum(entry.value -> '$.correction' IS NULL), sum(entry.value -> '$.correction' IS NULL),
         0, sum(entry.value ->> '$.creditsMicros'), 0
    FROM json_each(NEW.entries) AS entry
   WHERE entry.value ->> '$.workflow' IS NOT NULL AND entry.value -> '$.attached' IS NULL
   GROUP BY 3, 5
  UNION ALL
  SELECT NEW.account_key, 'outcome', entry.value ->> '$.day', entry.value ->> '$.feature',
         json_array(entry.value ->> '$.outcome.type', coalesce(entry.value ->> '$.outcome.unit', '')), NEW.period,
         count(*), count(*), sum(coalesce(entry.value ->> '$.outcome.quantityMicros', 0)),
         sum(coalesce(entry.value ->> '$.attached.creditsMicros', entry.value ->> '$.creditsMicros')),
         sum(coalesce(entry.value ->> '$.outcome.value.amountMinor', 0))
    FROM json_each(NEW.entries) AS entry
   WHERE entry.value -> '$.outcome' IS NOT NULL
   GROUP BY 3, 4, 5
  ON CONFLICT (account_key, dimension, day, feature, key, period) DO UPDATE SET
    events = events + excluded.events,
    uses = uses + excluded.uses,
    quantity_micros = CAST(quantity_micros + excluded.quantity_micros AS INTEGER),
    credits_micros = credits_micros + excluded.credits_micros,
    value_minor = CAST(value_minor + excluded.value_minor AS INTEGER);
  -- Apart: D1 takes five terms per compound SELECT.
  INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
  SELECT NEW.account_key, 'no_items', entry.value ->> '$.day', '', '', NEW.period, 0, 0, 0, 0
    FROM json_each(NEW.entries) AS entry
   WHERE json_array_length(entry.value, '$.items') = 0
   GROUP BY 3
  ON CONFLICT (account_key, dimension, day, feature, key, period) DO NOTHING;
END;

-- Who changed what. audit_id is made by the account ("a000000042") or by the route that wrote to D1 alone; account_key
-- is empty for what concerns the operator.
CREATE TABLE audit (
  account_key TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  audit_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  -- JSON; null: there was nothing before, or there is nothing any more.
  before TEXT CHECK (before IS NULL OR json_valid(before)),
  after TEXT CHECK (after IS NULL OR json_valid(after)),
  PRIMARY KEY (account_key, at_ms, audit_id)
) STRICT, WITHOUT ROWID;
