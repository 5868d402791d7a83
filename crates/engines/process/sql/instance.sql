-- An instance with the definition it began with.
SELECT i.id, d.digest, d.xml, i.thing, i.state
FROM process.instance i
JOIN process.definition d ON d.digest = i.definition
WHERE i.id = $1
