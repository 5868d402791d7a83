-- The columns of all tables of datasets, with their types as PostgreSQL writes them.
SELECT table_.relname::text AS dataset,
       column_.attname::text AS name,
       format_type(column_.atttypid, column_.atttypmod) AS type
FROM pg_class AS table_
JOIN pg_namespace AS schema_ ON schema_.oid = table_.relnamespace
JOIN pg_attribute AS column_ ON column_.attrelid = table_.oid
WHERE schema_.nspname = 'registry'
  AND table_.relkind = 'r'
  AND position(':' IN table_.relname) > 0
  AND column_.attnum > 0
  AND NOT column_.attisdropped
ORDER BY 1, column_.attnum
LIMIT 100000
