-- Datasets that fit: $1 all terms, $2 no terms, $3 and $4 any terms (empty: no matter), $5 since, $6 until,
-- $7 patterns of words, $8 the department that sees its private ones, $9 order, $10 start, $11 rows.
SELECT id, count(*) OVER () AS total
FROM portal.package
WHERE active AND (NOT private OR department = $8)
  AND terms @> $1 AND NOT terms && $2
  AND (cardinality($3::text[]) = 0 OR terms && $3)
  AND (cardinality($4::text[]) = 0 OR terms && $4)
  AND ($5::timestamptz IS NULL OR modified >= $5)
  AND ($6::timestamptz IS NULL OR modified <= $6)
  AND words LIKE ALL ($7::text[])
ORDER BY
    CASE WHEN $9 = 'newest' THEN modified END DESC,
    CASE WHEN $9 = 'oldest' THEN modified END,
    CASE WHEN $9 = 'made' THEN created END DESC,
    CASE WHEN $9 = 'name' THEN name END,
    CASE WHEN $9 = 'name-down' THEN name END DESC,
    CASE WHEN $9 = 'title' THEN title END,
    CASE WHEN $9 = 'title-down' THEN title END DESC,
    id
OFFSET $10 LIMIT $11
