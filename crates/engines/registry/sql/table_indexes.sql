-- The indexes of a table: the name, the constraint that it is for, and what makes it again.
SELECT class.relname::text, constr.conname::text,
    coalesce(pg_get_constraintdef(constr.oid), pg_get_indexdef(index.indexrelid))
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
LEFT JOIN pg_constraint AS constr ON constr.conindid = index.indexrelid AND constr.conrelid = index.indrelid
WHERE index.indrelid = $1::regclass
ORDER BY class.relname
