-- Keeps records that broke a rule that only the program can check.
INSERT INTO registry.quality_fault (run, rule, record)
SELECT $1, $2, record FROM unnest($3::uuid[]) AS record
ON CONFLICT DO NOTHING
