-- Records that broke a rule, after one of them.
SELECT record FROM registry.quality_fault
WHERE run = $1 AND rule = $2 AND record > $3
ORDER BY record
LIMIT $4
