-- How many instances of each name run.
SELECT d.name, count(*) AS running
FROM process.instance i
JOIN process.definition d ON d.digest = i.definition
WHERE i.ended_at IS NULL
GROUP BY d.name
LIMIT 10000
