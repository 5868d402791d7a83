INSERT INTO ledger.entry
    (at, account, person, name, organisation, post, behalf, verb, thing_kind, thing, subject, before, after, reason, request)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
RETURNING id
