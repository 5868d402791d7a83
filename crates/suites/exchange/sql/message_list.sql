-- The log, narrowed by a system on either side, a service, a case, a time; $7 narrows to systems of one organisation.
SELECT m.id, m.at, m.message_id, m.client_text, m.service_text, m.method, m.issue, m.status, m.error, m.took_us, m.entry
FROM exchange.message m
WHERE ($1::text IS NULL OR m.client_text = $1 OR starts_with(m.service_text, $1 || '/'))
  AND ($2::text IS NULL OR m.service_text = $2)
  AND ($3::text IS NULL OR m.issue = $3)
  AND ($4::timestamptz IS NULL OR m.at >= $4)
  AND ($5::timestamptz IS NULL OR m.at < $5)
  AND (NOT $6 OR m.error IS NOT NULL)
  AND ($7::uuid IS NULL OR EXISTS (
        SELECT 1 FROM exchange.system s JOIN exchange.member w ON w.id = s.member
        WHERE w.organisation = $7 AND s.id IN (m.client, m.provider)))
ORDER BY m.at DESC, m.id DESC
LIMIT $8 OFFSET $9
