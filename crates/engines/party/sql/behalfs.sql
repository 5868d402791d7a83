-- For whom a person may act: $1 person, $2 now, $3 today in China.
SELECT organisation.id, organisation.name_zh, organisation.name_en, organisation.credit_code,
       ARRAY['admin', 'apply', 'view'] AS scope, NULL::timestamptz AS expires
FROM party.organisation
WHERE organisation.representative = $1 AND (organisation.closed IS NULL OR organisation.closed > $3)
UNION ALL
SELECT organisation.id, organisation.name_zh, organisation.name_en, organisation.credit_code,
       array_agg(DISTINCT word), max(delegation.expires)
FROM party.delegation
JOIN party.organisation ON organisation.id = delegation.organisation
CROSS JOIN unnest(delegation.scope) AS word
WHERE delegation.person = $1 AND delegation.revoked_at IS NULL AND delegation.expires > $2
  AND organisation.representative IS DISTINCT FROM $1
  AND (organisation.closed IS NULL OR organisation.closed > $3)
GROUP BY organisation.id
ORDER BY 2, 1
LIMIT 200
