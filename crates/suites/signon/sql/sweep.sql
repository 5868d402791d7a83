-- Removes what has ended: $1 now, $2 the moment before which ended logins are forgotten. Returns how many logins.
WITH ceremonies AS (
    DELETE FROM signon.ceremony WHERE expires < $1
), keys AS (
    DELETE FROM signon.signing_key WHERE published_until < $1
), device_tokens AS (
    DELETE FROM signon.device_token WHERE expires < $1
), assertions AS (
    DELETE FROM signon.assertion WHERE expires < $1
), visits AS (
    DELETE FROM signon.visit WHERE id IN (
        SELECT id FROM signon.visit
        WHERE expires < $2 OR ended_at < $2
        ORDER BY expires LIMIT 10000)
    RETURNING 1
)
SELECT count(*) FROM visits
