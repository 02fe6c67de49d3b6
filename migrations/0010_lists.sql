-- Whether an account is suspended or closed, for lists: the newest of these records says it.
CREATE INDEX audit_status ON audit (account_key, at_ms, audit_id)
 WHERE action IN ('account_suspended', 'account_resumed', 'account_closed');
