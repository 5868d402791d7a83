-- Rows of a table: $1 resource, $2 what each must hold (any one of the objects, empty: all), $3 patterns of words,
-- $4 the column it is ordered by (empty: as they came), $5 backwards, $6 start, $7 rows.
SELECT id, record, count(*) OVER () AS total
FROM portal.row
WHERE resource = $1
  AND NOT EXISTS (
      SELECT 1 FROM jsonb_array_elements($2::jsonb) AS wanted
      WHERE NOT EXISTS (
          SELECT 1 FROM jsonb_array_elements(wanted -> 'any') AS one WHERE record -> (wanted ->> 'field') = one))
  AND record::text ILIKE ALL ($3::text[])
ORDER BY
    CASE WHEN NOT $5 THEN record -> $4 END,
    CASE WHEN $5 THEN record -> $4 END DESC,
    id
OFFSET $6 LIMIT $7
