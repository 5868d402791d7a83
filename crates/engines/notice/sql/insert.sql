-- A new message; nothing when the same event already sent it to the same recipient.
INSERT INTO notice.message
    (id, person, organisation, post, template, title_zh, title_en, body_zh, body_en, link, created, once)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (once, template, coalesce(person, organisation, post)) WHERE once IS NOT NULL DO NOTHING
