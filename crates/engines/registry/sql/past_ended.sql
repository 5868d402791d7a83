-- Records that ended, by their keys.
SELECT DISTINCT ended_key, record
FROM registry.past
WHERE dataset = $1 AND ended_key = ANY ($2)
