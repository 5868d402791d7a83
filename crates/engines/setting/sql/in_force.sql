SELECT DISTINCT ON (key) number, key, value, reason, name, at, reverts
FROM setting.change
WHERE key = ANY ($1)
ORDER BY key, number DESC
