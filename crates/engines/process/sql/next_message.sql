-- A message that came before somebody waited, and one who waits for it now; the instance is locked.
SELECT w.instance, w.number
FROM process.message m
JOIN process.wait w ON w.name = m.name AND w.key = m.key AND w.kind IN ('message', 'receive')
JOIN process.instance i ON i.id = w.instance
WHERE m.expires > $1 AND starts_with(i.thing, $2)
ORDER BY m.arrived
LIMIT 1
FOR UPDATE OF i SKIP LOCKED
