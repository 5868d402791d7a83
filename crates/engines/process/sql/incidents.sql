-- What stands still, the oldest first.
SELECT s.id, s.instance, i.thing, d.name AS definition, s.node, s.task, s.kind, s.cause, s.opened
FROM process.incident s
JOIN process.instance i ON i.id = s.instance
JOIN process.definition d ON d.digest = i.definition
WHERE s.ended IS NULL AND ($1::uuid IS NULL OR s.id = $1)
ORDER BY s.opened, s.id
LIMIT $2
