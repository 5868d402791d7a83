-- A grant that was given: what it opens, for whom, how often and how long.
INSERT INTO sharing.granted (no, request, unit, provider, dataset, fields, masked, way, quota, first_day,
    last_day, purpose, basis, given_by, given_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
