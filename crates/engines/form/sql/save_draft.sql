-- Keeps the answers of a draft that is locked.
UPDATE form.draft
SET answers = $2, inputs = $3, saved = $4, version = $5, updated = $6, expires = $7
WHERE id = $1
