-- The last looks at a dataset, the newest first.
SELECT id, dataset, records, completeness, consistency, timeliness, results, at
FROM registry.quality_run
WHERE dataset = $1
ORDER BY at DESC, id DESC
LIMIT $2
