-- Who can do the tasks of a role in an organisation: $1 organisation, $2 role, $3 day.
SELECT DISTINCT held.person, account.id AS account, held.holding
FROM (SELECT post, person, id AS holding FROM party.holding
      WHERE starts <= $3 AND (ends IS NULL OR ends > $3)
      UNION ALL
      SELECT post, person, NULL::uuid FROM party.substitution WHERE starts <= $3 AND ends > $3) AS held
JOIN party.post ON post.id = held.post
JOIN party.account ON account.person = held.person AND account.kind = 'staff' AND account.disabled_at IS NULL
WHERE post.organisation = $1 AND $2 = ANY (post.roles)
ORDER BY 1, 2, 3
LIMIT 500
