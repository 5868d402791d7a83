-- Of some items, how many cases used a dataset since a moment, counted up to a bound; the index answers alone.
SELECT wanted.item, found.cases
FROM unnest($2::text[]) AS wanted (item)
CROSS JOIN LATERAL (
    SELECT count(*) AS cases
    FROM (SELECT FROM casework.used AS used_
          WHERE used_.dataset = $1 AND used_.item = wanted.item AND used_.at >= $3
          LIMIT $4) AS some_
) AS found
WHERE found.cases > 0
