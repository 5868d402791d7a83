-- How a run ended.
UPDATE backup.run
SET finished = $2, ok = $3, error = $4, path = $5, backup = $6, instant = $7, bytes = $8, plain_bytes = $9,
    files = $10, entries = $11, rpo_seconds = $12, rto_seconds = $13
WHERE id = $1
