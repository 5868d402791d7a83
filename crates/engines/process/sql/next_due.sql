-- The next thing that is due of an instance nobody has in hand; the instance is locked.
SELECT w.instance, w.number
FROM process.wait w
JOIN process.instance i ON i.id = w.instance
WHERE w.due <= $1 AND starts_with(i.thing, $2)
ORDER BY w.due
LIMIT 1
FOR UPDATE OF i SKIP LOCKED
