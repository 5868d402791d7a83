-- Messages to a person, an organisation and a post, the latest first.
SELECT *, count(*) OVER () AS total
FROM notice.message
WHERE person = $1 OR organisation = $2 OR post = $3
ORDER BY created DESC, id DESC
LIMIT $4 OFFSET $5
