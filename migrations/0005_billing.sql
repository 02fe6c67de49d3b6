-- The token changes with every change of what billing keeps of the account: a run whose token is gone stores nothing.
ALTER TABLE accounts ADD COLUMN billing_token TEXT NOT NULL DEFAULT '';
-- Facts of the account up to this number are settled.
ALTER TABLE accounts ADD COLUMN settled_fact INTEGER NOT NULL DEFAULT 0;
-- What is owed after it was closed becomes a document at once.
ALTER TABLE accounts ADD COLUMN billing_closed INTEGER NOT NULL DEFAULT 0 CHECK (billing_closed IN (0, 1));

-- The figures after the last correction; the billed ones stay.
ALTER TABLE periods ADD COLUMN corrected TEXT CHECK (corrected IS NULL OR json_valid(corrected));

-- source names the document within its account, such as "overage:1794614400000" (a period by its start) or
-- "purchase:pack_3"; subject is the same for all documents about one charge, its credit notes included.
-- A number counts in its series, which is the account's own or the operator's; ordinal counts within the account.
-- Only status, payment_reference and void_reason change, and the document while packs may join it.
CREATE TABLE billed (
  invoice_id TEXT PRIMARY KEY,
  account_key TEXT NOT NULL,
  ordinal INTEGER NOT NULL CHECK (ordinal > 0),
  kind TEXT NOT NULL CHECK (kind IN ('overage', 'packs', 'adjustment', 'credit_note')),
  source TEXT NOT NULL,
  subject TEXT NOT NULL,
  series TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  issued_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document)),
  status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'void', 'uncollectible')),
  payment_reference TEXT,
  void_reason TEXT CHECK ((void_reason IS NULL) = (status <> 'void')),
  -- Until then packs may join it; null: it is final.
  grows_until_ms INTEGER,
  -- The fact that issued it or made it final; null: an operator did.
  fact_number INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO billed
SELECT invoice_id, account_key, number, 'overage', source, source, account_key, number, issued_at_ms, due_at_ms,
       json_set(document, '$.cause', NULL, '$.credited', NULL, '$.notes', json('[]'), '$.lines[0].unit', 'credits'),
       status, payment_reference, CASE WHEN status = 'void' THEN '' END, NULL, NULL
  FROM invoices;

DROP TABLE invoices;
ALTER TABLE billed RENAME TO invoices;

CREATE UNIQUE INDEX invoices_by_ordinal ON invoices (account_key, ordinal);
CREATE UNIQUE INDEX invoices_by_number ON invoices (series, number);
CREATE UNIQUE INDEX invoices_by_source ON invoices (account_key, source);
CREATE INDEX invoices_by_subject ON invoices (account_key, subject);
-- At most one unvoided overage invoice per closed period.
CREATE UNIQUE INDEX invoices_one_per_period ON invoices (account_key, subject)
 WHERE kind = 'overage' AND status <> 'void';
CREATE INDEX invoices_growing ON invoices (account_key) WHERE grows_until_ms IS NOT NULL;
CREATE INDEX invoices_by_fact ON invoices (account_key, fact_number) WHERE fact_number IS NOT NULL;

-- What is owed to an account for corrections, or taken back from it; lines of documents name the ones they take.
CREATE TABLE adjustments (
  account_key TEXT NOT NULL,
  source TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  period_start_ms INTEGER NOT NULL,
  period TEXT NOT NULL,
  -- null: it takes back what was granted before.
  event_id TEXT,
  corrected_micros INTEGER NOT NULL,
  granted_minor INTEGER NOT NULL,
  open_minor INTEGER NOT NULL
    CHECK (open_minor BETWEEN 0 AND granted_minor OR open_minor BETWEEN granted_minor AND 0),
  dropped_minor INTEGER NOT NULL
    CHECK (dropped_minor BETWEEN 0 AND granted_minor OR dropped_minor = 0),
  corrects_invoice_id TEXT,
  PRIMARY KEY (account_key, source)
) STRICT, WITHOUT ROWID;

CREATE INDEX adjustments_open ON adjustments (account_key) WHERE open_minor <> 0;
CREATE INDEX adjustments_by_invoice ON adjustments (account_key, corrects_invoice_id) WHERE corrects_invoice_id IS NOT NULL;
