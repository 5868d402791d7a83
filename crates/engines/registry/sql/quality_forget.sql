-- Records that broke rules at earlier looks: only the newest look names them.
DELETE FROM registry.quality_fault
WHERE run IN (SELECT id FROM registry.quality_run WHERE dataset = $1 AND id <> $2)
