-- How many people other than $2 hold the role $1 on the day $3; with $4, only those who can log in already.
SELECT count(DISTINCT holding.person)
FROM party.holding
JOIN party.post ON post.id = holding.post AND $1 = ANY (post.roles)
JOIN party.account ON account.person = holding.person AND account.kind = 'staff'
     AND account.disabled_at IS NULL
WHERE holding.starts <= $3 AND (holding.ends IS NULL OR holding.ends > $3)
  AND holding.person IS DISTINCT FROM $2::uuid
  AND (NOT $4::boolean OR account.password_hash IS NOT NULL)
