/**
 * The statements by which D1 says what is known of an account's use. Sums that may leave the safe integers come as text;
 * quantities in two parts, because their sum may leave even int64.
 */

/** ?1 account, ?2 first day, ?3 last day. */
export const DAYS = `
  SELECT day, period, CAST(sum(credits_micros) AS TEXT) AS creditsMicros FROM rollups
   WHERE account_key = ?1 AND dimension = 'action' AND day BETWEEN ?2 AND ?3
   GROUP BY day, period`;

/** ?1 account, ?2 first day, ?3 last day, ?4 rows at most; newest first, so that what is cut off is old. */
export const FEATURE_DAYS = `
  SELECT day, feature, CAST(sum(credits_micros) AS TEXT) AS creditsMicros FROM rollups
   WHERE account_key = ?1 AND dimension = 'action' AND day BETWEEN ?2 AND ?3
   GROUP BY day, feature
   ORDER BY day DESC
   LIMIT ?4`;

/** ?1 account, ?2 first day, ?3 last day, ?4 only this period or null. */
export const FEATURES = `
  SELECT feature, period, CAST(sum(credits_micros) AS TEXT) AS creditsMicros FROM rollups
   WHERE account_key = ?1 AND dimension = 'action' AND day BETWEEN ?2 AND ?3 AND (?4 IS NULL OR period = ?4)
   GROUP BY feature, period`;

/** As `FEATURES`; the key is the outcome's type and unit. */
export const OUTCOMES = `
  SELECT feature, key, period, sum(events) AS count, CAST(sum(credits_micros) AS TEXT) AS creditsMicros,
         CAST(sum(value_minor) AS TEXT) AS valueMinor,
         CAST(sum(quantity_micros / 1000000) AS TEXT) AS units,
         CAST(sum(quantity_micros % 1000000) AS TEXT) AS restMicros
    FROM rollups
   WHERE account_key = ?1 AND dimension = 'outcome' AND day BETWEEN ?2 AND ?3 AND (?4 IS NULL OR period = ?4)
   GROUP BY feature, key, period`;

/**
 * As `FEATURES`, ?5 how many per dimension, ?6 keys of the tail: whoever is on top with the tail is among those that are
 * on top without it, or in the tail.
 */
export const CONSUMERS = `
  SELECT dimension, key, creditsMicros FROM (
    SELECT dimension, key, CAST(sum(credits_micros) AS TEXT) AS creditsMicros,
           row_number() OVER (PARTITION BY dimension ORDER BY sum(credits_micros) DESC, key) AS rank
      FROM rollups
     WHERE account_key = ?1 AND dimension IN ('user', 'team', 'workflow') AND day BETWEEN ?2 AND ?3
       AND (?4 IS NULL OR period = ?4)
     GROUP BY dimension, key
  ) WHERE rank <= ?5 OR key IN (SELECT value FROM json_each(?6))`;

/** ?1 account, ?2 acknowledged sequence number, ?3 entries that a segment has at most. */
export const HELD = `
  SELECT first_seq AS firstSeq, last_seq AS lastSeq FROM segments
   WHERE account_key = ?1 AND first_seq > ?2 - ?3 AND last_seq > ?2`;

/** ?1 account, ?2 first day, ?3 last day, ?4 reasons. */
export const SHORTAGES = `
  SELECT day, sum(denials) AS denials FROM denials
   WHERE account_key = ?1 AND day BETWEEN ?2 AND ?3 AND reason IN (SELECT value FROM json_each(?4))
   GROUP BY day`;

/** ?1 account. */
export const ACCOUNT = `
  SELECT created_at_ms AS createdAtMs, profile ->> '$.hourlyValue.amountMinor' AS hourlyValueMinor,
         (SELECT catalog FROM operator) AS catalog
    FROM accounts WHERE account_key = ?1`;
