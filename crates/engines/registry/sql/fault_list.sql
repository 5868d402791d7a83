-- Rows of a file that were not taken in, after one of them.
SELECT number, line, field, raw, reason_zh, reason_en
FROM registry.load_fault
WHERE load = $1 AND number > $2
ORDER BY number
LIMIT $3
