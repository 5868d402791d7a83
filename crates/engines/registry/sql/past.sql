-- What a record said before, latest first.
SELECT content, source, by_case, since, until
FROM registry.past
WHERE dataset = $1 AND record = $2
ORDER BY until DESC, id DESC
LIMIT $3
