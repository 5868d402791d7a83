-- A new draft.
INSERT INTO form.draft (
    id, form, form_digest, item, owner, owner_organisation,
    answers, inputs, known, sealed, saved, version, created, updated, expires
)
VALUES ($1, $2, $3, $4, $5, $6, '{}', '{}', '{}', $7, $8, $9, $10, $10, $11)
