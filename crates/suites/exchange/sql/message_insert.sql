INSERT INTO exchange.message
    (id, at, message_id, client, client_text, provider, service, service_text, method, issue, key, signature, replay,
     request_hash, request_digest, request_bytes, request_sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (replay) DO NOTHING
