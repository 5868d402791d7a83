-- Who there is and who may act.

CREATE TABLE party.region (
    code     text     PRIMARY KEY CHECK (code ~ '^[0-9]{6}([0-9]{3}){0,2}$'),
    name     text     NOT NULL,
    parent   text     REFERENCES party.region (code),
    -- 1 province, 2 city, 3 county, 4 street or town, 5 village or community.
    level    smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
    boundary jsonb
);

CREATE INDEX region_parent ON party.region (parent, code);

CREATE TABLE party.person (
    id        uuid     PRIMARY KEY,
    name      text     NOT NULL,
    id_kind   text     NOT NULL,
    -- Absent only for the first administrator, until somebody completes the record.
    id_number text     UNIQUE,
    phone     text,
    region    text,
    -- How well the name is proven: 0 not, 1 by number and name, 2 by face or at a counter, 3 by certificate.
    level     smallint NOT NULL DEFAULT 0 CHECK (level BETWEEN 0 AND 3)
);

CREATE INDEX person_name ON party.person (name, id);

CREATE TABLE party.organisation (
    id             uuid PRIMARY KEY,
    parent         uuid REFERENCES party.organisation (id),
    region         text,
    kind           text NOT NULL
        CHECK (kind IN ('government', 'department', 'office', 'company', 'individual_business', 'other')),
    name_zh        text NOT NULL,
    name_en        text NOT NULL,
    -- The word by which packs and addresses name it, such as market-regulation.
    short          text UNIQUE,
    credit_code    text UNIQUE,
    -- The legal representative, or the operator of an individual business.
    representative uuid REFERENCES party.person (id),
    closed         date
);

CREATE INDEX organisation_parent ON party.organisation (parent, name_zh);
CREATE INDEX organisation_region ON party.organisation (region, kind, name_zh);
CREATE INDEX organisation_representative ON party.organisation (representative)
    WHERE representative IS NOT NULL;

CREATE TABLE party.post (
    id           uuid   PRIMARY KEY,
    organisation uuid   NOT NULL REFERENCES party.organisation (id),
    title_zh     text   NOT NULL,
    title_en     text   NOT NULL,
    roles        text[] NOT NULL,
    -- The three administrators exclude each other, within one post too.
    CHECK (('system-admin' = ANY (roles))::int + ('security-admin' = ANY (roles))::int
           + ('audit-admin' = ANY (roles))::int <= 1)
);

CREATE INDEX post_organisation ON party.post (organisation, title_zh);
CREATE INDEX post_roles ON party.post USING gin (roles);

CREATE TABLE party.holding (
    id     uuid PRIMARY KEY,
    post   uuid NOT NULL REFERENCES party.post (id),
    person uuid NOT NULL REFERENCES party.person (id),
    starts date NOT NULL,
    -- The first day on which the post is no longer held.
    ends   date CHECK (ends >= starts)
);

CREATE INDEX holding_person ON party.holding (person);
CREATE INDEX holding_post ON party.holding (post);

-- The three administrators exclude each other by any path, also one that goes round the program.
CREATE FUNCTION party.three_administrators() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM party.person WHERE id = new.person FOR UPDATE;
    IF (SELECT count(DISTINCT role) > 1
        FROM party.holding
        JOIN party.post ON post.id = holding.post
        CROSS JOIN unnest(post.roles) AS role
        WHERE holding.person = new.person
          AND role IN ('system-admin', 'security-admin', 'audit-admin')
          AND holding.starts < coalesce(new.ends, 'infinity')
          AND coalesce(holding.ends, 'infinity') > new.starts) THEN
        RAISE EXCEPTION 'the three administrators exclude each other'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'three_administrators';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER three_administrators AFTER INSERT OR UPDATE ON party.holding
    FOR EACH ROW EXECUTE FUNCTION party.three_administrators();

CREATE TABLE party.account (
    id             uuid        PRIMARY KEY,
    login          text        NOT NULL,
    -- The login as it is compared: half-width, lower case.
    login_key      text        NOT NULL UNIQUE,
    kind           text        NOT NULL CHECK (kind IN ('citizen', 'staff')),
    person         uuid        NOT NULL REFERENCES party.person (id),
    password_hash  text,
    totp_secret    bytea,
    -- A secret that was shown and is not confirmed yet.
    totp_pending   bytea,
    -- The step of the last code that was accepted: a code works once.
    totp_last_step bigint,
    disabled_at    timestamptz,
    created        timestamptz NOT NULL,
    UNIQUE (person, kind)
);

-- Failures are counted by login, whether or not there is such an account, so that a lock tells nothing.
CREATE TABLE party.attempt (
    login_key    text        PRIMARY KEY,
    failed       integer     NOT NULL,
    since        timestamptz NOT NULL,
    locked_until timestamptz
);

CREATE INDEX attempt_since ON party.attempt (since);

-- A password was right and the code is still to come.
CREATE TABLE party.proof (
    token_hash bytea       PRIMARY KEY,
    account    uuid        NOT NULL REFERENCES party.account (id),
    ip         text        NOT NULL,
    agent      text        NOT NULL,
    expires    timestamptz NOT NULL
);

CREATE INDEX proof_expires ON party.proof (expires);

CREATE TABLE party.session (
    id         uuid        PRIMARY KEY,
    token_hash bytea       NOT NULL UNIQUE,
    account    uuid        NOT NULL REFERENCES party.account (id),
    post       uuid        REFERENCES party.post (id),
    behalf     uuid        REFERENCES party.organisation (id),
    created    timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL,
    expires    timestamptz NOT NULL,
    ip         text        NOT NULL,
    agent      text        NOT NULL,
    revoked_at timestamptz
);

CREATE INDEX session_account ON party.session (account, created DESC);
CREATE INDEX session_expires ON party.session (expires);

CREATE TABLE party.delegation (
    id           uuid        PRIMARY KEY,
    organisation uuid        NOT NULL REFERENCES party.organisation (id),
    person       uuid        NOT NULL REFERENCES party.person (id),
    scope        text[]      NOT NULL CHECK (scope <@ ARRAY['admin', 'apply', 'view'] AND scope <> '{}'),
    granted      timestamptz NOT NULL,
    expires      timestamptz NOT NULL CHECK (expires > granted),
    granted_by   uuid        NOT NULL REFERENCES party.person (id),
    revoked_at   timestamptz
);

CREATE INDEX delegation_person ON party.delegation (person, expires);
CREATE INDEX delegation_organisation ON party.delegation (organisation, expires);

-- One-time links with which an account gets its password.
CREATE TABLE party.invite (
    token_hash bytea       PRIMARY KEY,
    account    uuid        NOT NULL REFERENCES party.account (id),
    expires    timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX invite_account ON party.invite (account);
CREATE INDEX invite_expires ON party.invite (expires);
