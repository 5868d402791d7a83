-- The columns of each key of a dataset, in order.
SELECT table_.relname::text AS dataset,
       array_agg(column_.attname::text ORDER BY part.place) AS columns
FROM pg_index AS index_
JOIN pg_class AS name_ ON name_.oid = index_.indexrelid
JOIN pg_class AS table_ ON table_.oid = index_.indrelid
JOIN pg_namespace AS schema_ ON schema_.oid = table_.relnamespace
CROSS JOIN LATERAL unnest(index_.indkey::int2[]) WITH ORDINALITY AS part (number, place)
JOIN pg_attribute AS column_
  ON column_.attrelid = table_.oid AND column_.attnum = part.number
WHERE schema_.nspname = 'registry'
  AND index_.indisunique
  AND NOT index_.indisprimary
  AND name_.relname = table_.relname || '#key'
GROUP BY 1
ORDER BY 1
LIMIT 10000
