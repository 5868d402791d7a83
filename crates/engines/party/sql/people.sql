-- People by whole name or by the beginning of a login; without a query, those with a staff account.
-- $1 index of the name or null, $2 pattern of the login or null, $3 rows, $4 rows to skip.
SELECT person.id, person.name, person.id_kind, person.id_number_sealed, person.phone_sealed, person.region, person.level,
       account.id AS account, account.login, account.kind, account.disabled_at,
       account.password_hash IS NOT NULL AS activated, account.totp_secret IS NOT NULL AS second_factor,
       count(*) OVER () AS total
FROM party.person
LEFT JOIN party.account ON account.person = person.id
WHERE CASE WHEN $1::bytea IS NULL THEN account.kind = 'staff'
           ELSE person.name_index = $1 OR account.login_key LIKE $2::text END
ORDER BY account.login_key NULLS LAST, person.id, account.kind
LIMIT $3 OFFSET $4
