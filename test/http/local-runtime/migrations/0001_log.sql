-- A semicolon in a comment; statements must not be split at it, nor inside a trigger.
CREATE TABLE log (origin TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE TABLE log_count (origin TEXT PRIMARY KEY, entries INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER log_counted AFTER INSERT ON log BEGIN
  INSERT INTO log_count (origin, entries) VALUES (CASE WHEN NEW.origin = ';' THEN 'other' ELSE NEW.origin END, 0)
    ON CONFLICT DO NOTHING;
  UPDATE log_count SET entries = entries + 1 WHERE origin = NEW.origin;
END;
CREATE INDEX log_by_origin ON log (origin);
