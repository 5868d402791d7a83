-- Keeps what one look at a dataset came to.
INSERT INTO registry.quality_run (id, dataset, records, completeness, consistency, timeliness, results, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
