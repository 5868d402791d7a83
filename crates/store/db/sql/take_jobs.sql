-- Takes jobs that are due: $1 now, $2 seconds until another may take them, $3 how many.
WITH due AS MATERIALIZED (
    SELECT id FROM db.job
    WHERE due <= $1 AND (locked_until IS NULL OR locked_until <= $1)
    ORDER BY due
    LIMIT $3
    FOR UPDATE SKIP LOCKED
)
UPDATE db.job
SET locked_until = $1 + make_interval(secs => $2), attempts = attempts + 1
WHERE id IN (SELECT id FROM due)
RETURNING id, kind, payload, attempts, attempts_max, created
