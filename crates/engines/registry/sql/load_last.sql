-- The newest load of a dataset that was done: of one file, or by one watermark.
SELECT id, number, dataset, state, mode, file, file_name, file_bytes, layout, mapping, watermark, since, repeats,
       source, account, progress, error_zh, error_en, created, started, finished
FROM registry.load
WHERE dataset = $1 AND state = 'done'
  AND ($2::text IS NULL OR file = $2)
  AND ($3::text IS NULL OR (watermark = $3 AND progress ->> 'reached' IS NOT NULL))
ORDER BY number DESC
LIMIT 1
