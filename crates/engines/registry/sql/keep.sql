-- Keeps a record as it was before it changed.
INSERT INTO registry.past (id, dataset, record, content, source, by_case, since, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
