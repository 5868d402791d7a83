-- The definitions of a name that instances began with, by the text as it was written, and how many run and are over.
SELECT d.digest, d.first_used,
       count(i.id) FILTER (WHERE i.ended_at IS NULL) AS running,
       count(i.id) FILTER (WHERE i.ended_at IS NOT NULL) AS ended
FROM process.definition d
LEFT JOIN process.definition whole ON whole.digest = d.digest OR whole.source = d.digest
LEFT JOIN process.instance i ON i.definition = whole.digest
WHERE d.name = $1 AND d.source IS NULL
GROUP BY d.digest, d.first_used
ORDER BY d.first_used DESC
LIMIT 200
