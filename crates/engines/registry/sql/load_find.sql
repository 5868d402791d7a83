-- A load by its number.
SELECT id, number, dataset, state, mode, file, file_name, file_bytes, layout, mapping, watermark, since, repeats,
       source, account, progress, error_zh, error_en, created, started, finished
FROM registry.load
WHERE number = $1
