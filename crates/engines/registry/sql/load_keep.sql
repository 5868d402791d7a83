-- Keeps what changed of a load.
UPDATE registry.load
SET state = $2, mode = $3, mapping = $4, watermark = $5, since = $6, progress = $7,
    error_zh = $8, error_en = $9, started = $10, finished = $11
WHERE id = $1
