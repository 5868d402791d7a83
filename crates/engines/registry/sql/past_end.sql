-- Puts down that a record ended: from that day on nothing holds.
INSERT INTO registry.past (id, dataset, record, content, source, by_case, since, valid_from, ended_key)
VALUES ($1, $2, $3, '{}'::jsonb, $4, $5, $6, $7, $8)
