-- Keeps the answers of a draft that is locked.
UPDATE form.draft
SET answers = '{}', inputs = '{}', known = '{}', sealed = $2,
    saved = $3, version = $4, updated = $5, expires = $6
WHERE id = $1
