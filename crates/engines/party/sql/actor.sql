-- Who stands behind a token: $1 hash, $2 now, $3 earliest last use, $4 today in China.
SELECT session.id AS session, session.last_seen, session.behalf AS wanted_behalf,
       account.id AS account, account.kind, session.strong,
       person.id AS person, person.name,
       post.id AS post, post.organisation, post.unit, post.roles, post.region, post.standing_in,
       behalf.credit_code AS behalf_credit_code, behalf.name_zh AS behalf_name, behalf.scope
FROM party.session
JOIN party.account ON account.id = session.account AND account.disabled_at IS NULL
JOIN party.person ON person.id = account.person
LEFT JOIN LATERAL (
    SELECT post.id, post.organisation, organisation.short AS unit, post.roles, organisation.region,
           held.standing_in
    FROM (SELECT post, false AS standing_in FROM party.holding
          WHERE holding.post = session.post AND holding.person = account.person
            AND starts <= $4 AND (ends IS NULL OR ends > $4)
          UNION ALL
          SELECT post, true FROM party.substitution
          WHERE substitution.post = session.post AND substitution.person = account.person
            AND starts <= $4 AND ends > $4) AS held
    JOIN party.post ON post.id = held.post
    JOIN party.organisation ON organisation.id = post.organisation
    WHERE account.kind = 'staff' AND (organisation.closed IS NULL OR organisation.closed > $4)
    ORDER BY held.standing_in
    LIMIT 1
) AS post ON true
LEFT JOIN LATERAL (
    SELECT organisation.credit_code, organisation.name_zh,
           CASE WHEN organisation.representative = person.id THEN ARRAY['admin', 'apply', 'view']
                ELSE (SELECT array_agg(DISTINCT word)
                      FROM party.delegation CROSS JOIN unnest(delegation.scope) AS word
                      WHERE delegation.organisation = organisation.id AND delegation.person = person.id
                        AND delegation.revoked_at IS NULL AND delegation.expires > $2)
           END AS scope
    FROM party.organisation
    WHERE account.kind = 'citizen' AND organisation.id = session.behalf
      AND (organisation.closed IS NULL OR organisation.closed > $4)
) AS behalf ON true
WHERE session.token_hash = $1 AND session.revoked_at IS NULL AND session.expires > $2
  AND session.last_seen > $3
