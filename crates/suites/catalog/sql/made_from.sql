-- Walks from some codes along what each is made from. UNION ends the walk where it has been before.
WITH RECURSIVE walk (code) AS (
    SELECT unnest($1::text[])
    UNION
    SELECT t.code FROM walk w
    JOIN catalog.code c ON c.code = w.code
    JOIN catalog.tie t ON t.resource = c.resource AND t.kind = 'source'
)
SELECT EXISTS (SELECT FROM walk WHERE code = $2)
