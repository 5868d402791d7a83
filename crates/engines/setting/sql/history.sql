SELECT number, key, value, reason, name, at, reverts, count(*) OVER () AS total
FROM setting.change
WHERE key = $1
ORDER BY number DESC
LIMIT $2 OFFSET $3
