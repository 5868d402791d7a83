-- A new paper; nothing when the same asking already gave one.
INSERT INTO document.document
    (id, template, kind, number, identifier, title_zh, title_en, holder_person, holder_organisation,
     holder_name, data, issued_at, issuer, issuer_name, valid_from, valid_to, case_no, code, once, asked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
ON CONFLICT (template, once) WHERE once IS NOT NULL DO NOTHING
