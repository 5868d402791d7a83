-- Keeps a record as it was before it changed, or as a late version says it was.
INSERT INTO registry.past (id, dataset, record, content, source, by_case, since, until, valid_from)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
