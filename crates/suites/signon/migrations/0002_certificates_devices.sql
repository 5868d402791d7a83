-- Certificates of staff, each a second factor of the account that enrolled it. Of the certificate only what tells it
-- from others is kept: the name of its holder stands in the account, and some issuers write numbers of identity cards
-- into theirs.
CREATE TABLE signon.certificate (
    id          uuid        PRIMARY KEY,
    fingerprint bytea       NOT NULL UNIQUE CHECK (octet_length(fingerprint) = 32),
    account     uuid        NOT NULL,
    issuer      text        NOT NULL,
    serial      text        NOT NULL,
    not_after   timestamptz NOT NULL,
    created     timestamptz NOT NULL,
    last_used   timestamptz
);

CREATE INDEX certificate_account ON signon.certificate (account, created);

-- Devices: clients that act for nobody but themselves, for which a post answers, and which end by themselves.
ALTER TABLE signon.client
    DROP CONSTRAINT client_redirect_uris_check,
    DROP CONSTRAINT client_kinds_check,
    ADD COLUMN kind          text   NOT NULL DEFAULT 'login' CHECK (kind IN ('login', 'device')),
    -- The post whose holder answers for the device.
    ADD COLUMN post          uuid,
    ADD COLUMN device_scopes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN expires       timestamptz,
    -- The public key of a device that proves itself with a signature and has no secret.
    ADD COLUMN public_key    jsonb,
    ADD CONSTRAINT client_kinds_check CHECK (kinds <@ ARRAY['citizen', 'staff']),
    ADD CONSTRAINT client_login CHECK (kind <> 'login' OR (redirect_uris <> '{}' AND kinds <> '{}')),
    ADD CONSTRAINT client_device CHECK (
        (kind = 'device') = (post IS NOT NULL) AND (kind = 'device') = (expires IS NOT NULL)
        AND (kind = 'device' OR (public_key IS NULL AND device_scopes = '{}'))
        AND (kind = 'login' OR (secret_hash IS NULL) = (public_key IS NOT NULL)));

CREATE TABLE signon.device_token (
    hash    bytea       PRIMARY KEY,
    client  text        NOT NULL REFERENCES signon.client (id),
    scopes  text[]      NOT NULL,
    created timestamptz NOT NULL,
    expires timestamptz NOT NULL
);

CREATE INDEX device_token_client ON signon.device_token (client);
CREATE INDEX device_token_expires ON signon.device_token (expires);

-- Signed proofs of clients that were seen: each counts once.
CREATE TABLE signon.assertion (
    hash    bytea       PRIMARY KEY,
    expires timestamptz NOT NULL
);

CREATE INDEX assertion_expires ON signon.assertion (expires);
