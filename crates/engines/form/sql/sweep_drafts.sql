-- Throws away drafts that nobody touched for their time. The answers of submitted ones live on in their cases.
DELETE FROM form.draft
WHERE id IN (SELECT id FROM form.draft WHERE expires <= $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED)
