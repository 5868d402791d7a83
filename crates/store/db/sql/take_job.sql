UPDATE db.job
SET locked_until = $1 + make_interval(secs => $2), attempts = attempts + 1
WHERE id = (
    SELECT id FROM db.job
    WHERE due <= $1 AND (locked_until IS NULL OR locked_until <= $1)
    ORDER BY due
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, kind, payload, attempts, attempts_max, created
