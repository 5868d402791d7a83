-- The newest look at each dataset.
SELECT DISTINCT ON (dataset) id, dataset, records, completeness, consistency, timeliness, results, at
FROM registry.quality_run
ORDER BY dataset, at DESC, id DESC
LIMIT 10000
