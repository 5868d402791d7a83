-- How many rows have each value of a column, the most first: $1 resource, $2 to $4 as for rows, $5 the column, $6 the column that is
-- added up (empty: none), $7 values at most.
SELECT record ->> $5 AS value, count(*) AS count,
    sum(CASE WHEN jsonb_typeof(record -> $6) = 'number' THEN (record ->> $6)::numeric END)::text AS sum
FROM portal.row
WHERE resource = $1 AND portal.holds(record, $2, $3, $4)
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT $7
