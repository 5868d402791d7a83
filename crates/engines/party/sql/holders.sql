-- Who holds a post with a role in an organisation today: $1 organisation, $2 role, $3 today in China.
SELECT post.id AS post, post.title_zh, post.title_en, person.id AS person, person.name
FROM party.post
JOIN party.holding ON holding.post = post.id AND holding.starts <= $3
     AND (holding.ends IS NULL OR holding.ends > $3)
JOIN party.person ON person.id = holding.person
WHERE post.organisation = $1 AND $2 = ANY (post.roles)
ORDER BY person.id, post.id
LIMIT 200
