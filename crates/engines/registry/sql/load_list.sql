-- Loads, the newest first, of one dataset or of all.
SELECT id, number, dataset, state, mode, file, file_name, file_bytes, layout, mapping, watermark, since, repeats,
       source, account, progress, error_zh, error_en, created, started, finished, count(*) OVER () AS total
FROM registry.load
WHERE $1::text IS NULL OR dataset = $1
ORDER BY number DESC
LIMIT $2 OFFSET $3
