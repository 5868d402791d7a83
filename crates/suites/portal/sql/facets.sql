-- How many datasets that fit there are of each term that begins with one of $9: the rest as in search.sql.
SELECT term, count(*) AS datasets
FROM portal.package, unnest(terms) AS term
WHERE active AND (NOT private OR department = $8)
  AND terms @> $1 AND NOT terms && $2
  AND (cardinality($3::text[]) = 0 OR terms && $3)
  AND (cardinality($4::text[]) = 0 OR terms && $4)
  AND ($5::timestamptz IS NULL OR modified >= $5)
  AND ($6::timestamptz IS NULL OR modified <= $6)
  AND words LIKE ALL ($7::text[])
  AND term LIKE ANY ($9::text[])
GROUP BY term
ORDER BY datasets DESC, term
LIMIT $10
