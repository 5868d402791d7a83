-- When a file was last taken in, of each dataset or of one. A file that says what is known already is an arrival too; one
-- of which no row was taken in is none.
SELECT dataset, max(finished)
FROM registry.load
WHERE state = 'done' AND finished IS NOT NULL AND ($1::text IS NULL OR dataset = $1)
  AND (progress -> 'counts' ->> 'read')::bigint > (progress -> 'counts' ->> 'faulty')::bigint
GROUP BY dataset
