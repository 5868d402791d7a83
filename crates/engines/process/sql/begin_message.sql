-- A message nobody waits for that a definition begins with, unless an instance that began for its key still runs; both are locked.
SELECT b.name, b.node, m.id, m.name AS event, m.key, m.vars, m.arrived
FROM process.message m
JOIN process.beginning b ON b.kind = 'message' AND b.event = m.name
WHERE m.expires > $1 AND (b.faulted IS NULL OR b.faulted < $2)
  AND NOT EXISTS (SELECT FROM process.wait w
      WHERE w.name = m.name AND w.key = m.key AND w.kind IN ('message', 'receive'))
  AND NOT EXISTS (SELECT FROM process.instance i
      WHERE i.thing = 'process/' || b.name || '/' || m.key AND i.ended_at IS NULL)
ORDER BY m.arrived, m.id
LIMIT 1
FOR UPDATE OF m, b SKIP LOCKED
