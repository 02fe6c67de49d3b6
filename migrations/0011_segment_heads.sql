-- Which segments can hold what a reader of the log looks for, without a look at their entries: a segment is 60 KB, and
-- even its first columns take a page of their own.
CREATE INDEX segments_heads ON segments (account_key, first_seq, last_seq, from_ms, to_ms);
