-- Limits of tries, recovery codes, recovery in person, substitutes.

-- Failures were counted by login only; now by login, by login and address, by address, and by account for codes.
DROP TABLE party.attempt;

CREATE TABLE party.throttle (
    kind   text        NOT NULL,
    -- Digests and addresses, never what was typed: people type passwords into the field of the login.
    key    text        NOT NULL,
    failed integer     NOT NULL,
    since  timestamptz NOT NULL,
    until  timestamptz,
    -- How often the limit was reached: the ban of some kinds grows with it.
    rounds integer     NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, key)
);

CREATE INDEX throttle_since ON party.throttle (since);

-- Codes on paper for who has lost the device; each works once.
CREATE TABLE party.recovery_code (
    account   uuid        NOT NULL REFERENCES party.account (id),
    place     smallint    NOT NULL,
    salt      bytea       NOT NULL,
    code_hash bytea       NOT NULL,
    created   timestamptz NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (account, place)
);

-- Getting an account back in person: two officials, a wait, one link.
CREATE TABLE party.recovery (
    id           uuid        PRIMARY KEY,
    account      uuid        NOT NULL REFERENCES party.account (id),
    -- Whether the second factor was lost too.
    factor       boolean     NOT NULL,
    reason       text        NOT NULL,
    -- Which document was checked, in words; never its number.
    document     text        NOT NULL,
    started      timestamptz NOT NULL,
    started_by   uuid        NOT NULL REFERENCES party.person (id),
    confirmed    timestamptz,
    confirmed_by uuid        REFERENCES party.person (id) CHECK (confirmed_by <> started_by),
    -- The link is given out from then on.
    ready        timestamptz,
    released     timestamptz,
    stopped      timestamptz,
    stopped_why  text,
    CHECK ((confirmed IS NULL) = (confirmed_by IS NULL) AND (confirmed IS NULL) = (ready IS NULL)),
    CHECK (released IS NULL OR released >= ready)
);

CREATE UNIQUE INDEX recovery_open ON party.recovery (account) WHERE released IS NULL AND stopped IS NULL;
CREATE INDEX recovery_started ON party.recovery (started DESC);

-- A link of a recovery takes the lost second factor away when it is used.
ALTER TABLE party.invite ADD COLUMN factor boolean NOT NULL DEFAULT false;

-- Somebody stands in for the holder of a post for some days.
CREATE TABLE party.substitution (
    id         uuid        PRIMARY KEY,
    post       uuid        NOT NULL REFERENCES party.post (id),
    person     uuid        NOT NULL REFERENCES party.person (id),
    starts     date        NOT NULL,
    -- The first day on which it is over.
    ends       date        NOT NULL CHECK (ends >= starts),
    named_by   uuid        NOT NULL REFERENCES party.person (id),
    named      timestamptz NOT NULL,
    reason     text        NOT NULL,
    told       boolean     NOT NULL DEFAULT false
);

CREATE INDEX substitution_person ON party.substitution (person);
CREATE INDEX substitution_post ON party.substitution (post);

-- Whether others were told that a holding has ended; one that ends on its day is told by a job.
ALTER TABLE party.holding ADD COLUMN told boolean NOT NULL DEFAULT false;

CREATE INDEX holding_ends ON party.holding (ends) WHERE NOT told AND ends IS NOT NULL;
CREATE INDEX substitution_ends ON party.substitution (ends) WHERE NOT told;

-- The three administrators exclude each other whether a post is held or stood in for.
CREATE OR REPLACE FUNCTION party.three_administrators() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM party.person WHERE id = new.person FOR UPDATE;
    IF EXISTS (
        SELECT FROM party.post AS given
        CROSS JOIN unnest(given.roles) AS one
        JOIN (SELECT post, starts, ends FROM party.holding WHERE person = new.person
              UNION ALL
              SELECT post, starts, ends FROM party.substitution WHERE person = new.person) AS held
             ON held.starts < coalesce(new.ends, 'infinity') AND coalesce(held.ends, 'infinity') > new.starts
        JOIN party.post ON post.id = held.post
        CROSS JOIN unnest(post.roles) AS other
        WHERE given.id = new.post AND one <> other
          AND one IN ('system-admin', 'security-admin', 'audit-admin')
          AND other IN ('system-admin', 'security-admin', 'audit-admin')) THEN
        RAISE EXCEPTION 'the three administrators exclude each other'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'three_administrators';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER three_administrators AFTER INSERT OR UPDATE ON party.substitution
    FOR EACH ROW EXECUTE FUNCTION party.three_administrators();

-- A person with two accounts at once in two roles would still be one person; roles of a post never change under
-- its holders, so that no holding can turn into another administrator's.
CREATE FUNCTION party.roles_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the roles of a post do not change: make another post'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_stay';
END
$$;

CREATE TRIGGER roles_stay BEFORE UPDATE OF roles ON party.post
    FOR EACH ROW WHEN (old.roles IS DISTINCT FROM new.roles) EXECUTE FUNCTION party.roles_stay();
