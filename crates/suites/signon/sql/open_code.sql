-- Takes a code for its one use: $1 hash, $2 now. A second use finds `again`, and nothing else is told of it.
WITH found AS (
    SELECT code.hash, code.used_at IS NOT NULL AS again FROM signon.code WHERE code.hash = $1 FOR UPDATE
), used AS (
    UPDATE signon.code SET used_at = coalesce(code.used_at, $2)
    FROM found WHERE code.hash = found.hash
    RETURNING code.visit, code.redirect_uri, code.challenge, code.expires, found.again
)
SELECT visit, redirect_uri, challenge, expires, again FROM used
