-- Papers of a person and of an organisation, the latest first.
SELECT *, count(*) OVER () AS total
FROM document.document
WHERE (holder_person = $1 OR holder_organisation = $2) AND ($5::text IS NULL OR kind = $5)
ORDER BY issued_at DESC, id DESC
LIMIT $3 OFFSET $4
