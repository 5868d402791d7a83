-- Single sign-on: systems that log in here, what was granted to them, keys, passkeys, outside providers.

-- A system of a department that logs its users in here.
CREATE TABLE signon.client (
    id               text        PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$'),
    name_zh          text        NOT NULL,
    name_en          text        NOT NULL,
    -- The organisation that answers for it.
    organisation     uuid        NOT NULL,
    -- Only the hash of the secret is kept; a program that cannot keep one has none.
    secret_hash      bytea,
    redirect_uris    text[]      NOT NULL CHECK (redirect_uris <> '{}'),
    post_logout_uris text[]      NOT NULL,
    backchannel_uri  text,
    scopes           text[]      NOT NULL,
    -- Whose accounts may log in: citizen, staff.
    kinds            text[]      NOT NULL CHECK (kinds <@ ARRAY['citizen', 'staff'] AND kinds <> '{}'),
    alg              text        NOT NULL CHECK (alg IN ('RS256', 'ES256')),
    -- Makes the name of a person at this client another one than at every other client.
    salt             bytea       NOT NULL CHECK (octet_length(salt) = 32),
    created          timestamptz NOT NULL,
    disabled_at      timestamptz
);

-- What a person has agreed to once and is not asked again.
CREATE TABLE signon.consent (
    account uuid        NOT NULL,
    client  text        NOT NULL REFERENCES signon.client (id),
    scopes  text[]      NOT NULL,
    granted timestamptz NOT NULL,
    PRIMARY KEY (account, client)
);

-- One login of one account at one client: everything that was given out for it ends with it.
CREATE TABLE signon.visit (
    id           uuid        PRIMARY KEY,
    client       text        NOT NULL REFERENCES signon.client (id),
    account      uuid        NOT NULL,
    person       uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('citizen', 'staff')),
    session      uuid        NOT NULL,
    scopes       text[]      NOT NULL,
    nonce        text,
    auth_time    timestamptz NOT NULL,
    amr          text[]      NOT NULL,
    acr          text        NOT NULL,
    created      timestamptz NOT NULL,
    expires      timestamptz NOT NULL,
    ended_at     timestamptz,
    ended_why    text
);

CREATE INDEX visit_session ON signon.visit (session);
CREATE INDEX visit_account ON signon.visit (account, created DESC);
CREATE INDEX visit_expires ON signon.visit (expires);

CREATE TABLE signon.code (
    hash         bytea       PRIMARY KEY,
    visit        uuid        NOT NULL REFERENCES signon.visit (id) ON DELETE CASCADE,
    redirect_uri text        NOT NULL,
    challenge    text        NOT NULL,
    expires      timestamptz NOT NULL,
    used_at      timestamptz
);

CREATE INDEX code_visit ON signon.code (visit);

CREATE TABLE signon.token (
    hash    bytea       PRIMARY KEY,
    visit   uuid        NOT NULL REFERENCES signon.visit (id) ON DELETE CASCADE,
    kind    text        NOT NULL CHECK (kind IN ('access', 'refresh')),
    created timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    -- A refresh token works once; a second use ends the visit.
    used_at timestamptz
);

CREATE INDEX token_visit ON signon.token (visit);

-- Keys that sign ID tokens. A new key is published before it signs, an old one after it has stopped.
CREATE TABLE signon.signing_key (
    kid             text        PRIMARY KEY,
    alg             text        NOT NULL CHECK (alg IN ('RS256', 'ES256')),
    public          jsonb       NOT NULL,
    sealed          bytea       NOT NULL,
    created         timestamptz NOT NULL,
    signs_from      timestamptz NOT NULL,
    published_until timestamptz
);

CREATE INDEX signing_key_alg ON signon.signing_key (alg, signs_from DESC);

CREATE TABLE signon.passkey (
    id         uuid        PRIMARY KEY,
    credential bytea       NOT NULL UNIQUE,
    account    uuid        NOT NULL,
    name       text        NOT NULL,
    passkey    jsonb       NOT NULL,
    created    timestamptz NOT NULL,
    last_used  timestamptz
);

CREATE INDEX passkey_account ON signon.passkey (account, created);

-- A ceremony that was begun and waits for its answer: a passkey's, or an outside provider's. Each answer counts once.
CREATE TABLE signon.ceremony (
    hash    bytea       PRIMARY KEY,
    kind    text        NOT NULL CHECK (kind IN ('register', 'enter', 'outside')),
    account uuid,
    state   jsonb       NOT NULL,
    expires timestamptz NOT NULL
);

CREATE INDEX ceremony_expires ON signon.ceremony (expires);

-- That an account at an outside provider leads to an account here.
CREATE TABLE signon.link (
    provider  text        NOT NULL,
    subject   text        NOT NULL,
    account   uuid        NOT NULL,
    linked    timestamptz NOT NULL,
    last_used timestamptz,
    PRIMARY KEY (provider, subject),
    UNIQUE (account, provider)
);
