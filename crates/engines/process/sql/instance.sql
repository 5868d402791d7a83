-- An instance with the definition it runs by, and whether something in it stands still.
SELECT i.id, i.definition AS digest, i.thing, i.state,
    EXISTS (SELECT FROM process.incident s WHERE s.instance = i.id AND s.ended IS NULL) AS held
FROM process.instance i
WHERE i.id = $1
