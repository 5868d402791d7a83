-- A load that nobody else works on meanwhile.
SELECT id, number, dataset, state, mode, file, file_name, file_bytes, layout, mapping, watermark, since, repeats,
       source, account, progress, error_zh, error_en, created, started, finished
FROM registry.load
WHERE id = $1
FOR UPDATE
