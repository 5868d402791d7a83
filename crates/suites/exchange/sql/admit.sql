-- Everything that decides about a call, in one look: the client, the key that is named, the service, the rights.
SELECT c.id AS client, c.state AS client_state,
       k.algorithm, k.public, k.valid_from, k.valid_to, k.revoked_at,
       p.id AS provider, p.state AS provider_state,
       v.id AS service, v.state AS service_state, v.url, v.keep,
       coalesce((SELECT jsonb_agg(jsonb_build_object('method', a.method, 'path', a.path))
                 FROM exchange.access a
                 WHERE a.client = c.id AND a.service = v.id AND a.revoked_at IS NULL AND a.valid_to > $11),
                '[]'::jsonb) AS rights
FROM exchange.member cm
JOIN exchange.system c ON c.member = cm.id AND c.code = $4
LEFT JOIN exchange.key k ON k.id = $10 AND k.system = c.id
LEFT JOIN exchange.member po ON po.instance = $5 AND po.class = $6 AND po.code = $7
LEFT JOIN exchange.system p ON p.member = po.id AND p.code = $8
LEFT JOIN exchange.service v ON v.system = p.id AND v.code = $9
WHERE cm.instance = $1 AND cm.class = $2 AND cm.code = $3
