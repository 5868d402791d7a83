-- Organisations and groups as the portal shows them; those of the platform's departments are gathered.
CREATE TABLE portal.collection (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('organization', 'group')),
    name text NOT NULL,
    department uuid NOT NULL,
    source text NOT NULL CHECK (source IN ('portal', 'platform')),
    active boolean NOT NULL DEFAULT true,
    created timestamptz NOT NULL,
    body jsonb NOT NULL,
    UNIQUE (kind, name)
);

-- Datasets. What is searched by stands beside the body: words in small letters, and terms such as tags:水质.
CREATE TABLE portal.package (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    unit uuid NOT NULL REFERENCES portal.collection,
    department uuid NOT NULL,
    source text NOT NULL CHECK (source IN ('portal', 'platform')),
    private boolean NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created timestamptz NOT NULL,
    modified timestamptz NOT NULL,
    title text NOT NULL,
    body jsonb NOT NULL,
    words text NOT NULL,
    terms text[] NOT NULL
);
CREATE INDEX package_terms ON portal.package USING gin (terms);
CREATE INDEX package_modified ON portal.package (modified DESC, id);

CREATE TABLE portal.resource (
    id uuid PRIMARY KEY,
    package uuid NOT NULL REFERENCES portal.package ON DELETE CASCADE,
    position integer NOT NULL,
    created timestamptz NOT NULL,
    modified timestamptz NOT NULL,
    body jsonb NOT NULL,
    -- The file that was sent, by its digest.
    digest text,
    -- The fields and the key of the table behind it.
    shape jsonb
);
CREATE INDEX resource_package ON portal.resource (package, position);

-- The rows of the tables behind resources. The key is what makes a row the same when it comes again.
CREATE TABLE portal.row (
    resource uuid NOT NULL REFERENCES portal.resource ON DELETE CASCADE,
    id bigint NOT NULL,
    key text,
    record jsonb NOT NULL,
    PRIMARY KEY (resource, id)
);
CREATE UNIQUE INDEX row_key ON portal.row (resource, key) WHERE key IS NOT NULL;

-- Keys for programs; only the digest of one is kept.
CREATE TABLE portal.key (
    id uuid PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    account uuid NOT NULL,
    person uuid NOT NULL,
    post uuid NOT NULL,
    department uuid NOT NULL,
    title text NOT NULL,
    created timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    revoked timestamptz,
    daily integer NOT NULL,
    day date,
    used integer NOT NULL DEFAULT 0
);
CREATE INDEX key_person ON portal.key (person, created);
