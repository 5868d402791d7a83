-- The systems an account has agreed to: $1 account, $2 most rows.
SELECT consent.client, client.name_zh, client.name_en, client.organisation, consent.scopes, consent.granted,
       (SELECT max(visit.created) FROM signon.visit
        WHERE visit.account = consent.account AND visit.client = consent.client) AS last
FROM signon.consent
JOIN signon.client ON client.id = consent.client
WHERE consent.account = $1
ORDER BY consent.granted DESC, consent.client
LIMIT $2
