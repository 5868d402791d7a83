-- Rows of a table: $1 resource, $2 what each must hold (any one of the objects, empty: all), $3 patterns of words,
-- $4 fields with a pattern, $5 the column it is ordered by (empty: as they came), $6 backwards, $7 start, $8 rows.
SELECT id, record, count(*) OVER () AS total
FROM portal.row
WHERE resource = $1 AND portal.holds(record, $2, $3, $4)
ORDER BY
    CASE WHEN NOT $6 THEN record -> $5 END,
    CASE WHEN $6 THEN record -> $5 END DESC,
    id
OFFSET $7 LIMIT $8
