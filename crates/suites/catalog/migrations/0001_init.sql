-- The directory of government information resources. No row holds anything about a person but the names of officials.

-- Every code that was ever given. A code stays with its resource for ever.
CREATE TABLE catalog.code (
    code text PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    resource uuid NOT NULL UNIQUE,
    grammar text NOT NULL,
    given_at timestamptz NOT NULL
);

CREATE FUNCTION catalog.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a code that was given is never changed and never given again';
END $$;

CREATE TRIGGER given_once BEFORE UPDATE OR DELETE OR TRUNCATE ON catalog.code
    FOR EACH STATEMENT EXECUTE FUNCTION catalog.refuse();

CREATE TABLE catalog.resource (
    id uuid PRIMARY KEY,
    provider uuid NOT NULL,
    code text UNIQUE REFERENCES catalog.code
);
CREATE INDEX resource_provider ON catalog.resource (provider);

CREATE TABLE catalog.version (
    resource uuid NOT NULL REFERENCES catalog.resource,
    number integer NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'submitted', 'reviewed', 'published', 'replaced', 'withdrawn')),
    body jsonb NOT NULL,
    compiled_by uuid NOT NULL,
    compiler text NOT NULL,
    begun_at timestamptz NOT NULL,
    submitted_at timestamptz,
    reviewed_at timestamptz,
    reviewer text,
    refusal text,
    published_at timestamptz,
    publisher text,
    ended_at timestamptz,
    end_reason text,
    PRIMARY KEY (resource, number)
);
-- One version is being worked at, one is in force.
CREATE UNIQUE INDEX version_open ON catalog.version (resource) WHERE state IN ('draft', 'submitted', 'reviewed');
CREATE UNIQUE INDEX version_in_force ON catalog.version (resource) WHERE state = 'published';
CREATE INDEX version_waiting ON catalog.version (state, submitted_at, resource)
    WHERE state IN ('draft', 'submitted', 'reviewed');

-- What the public finds: one row for each resource in force. A row that is new stands first.
CREATE TABLE catalog.shown (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resource uuid NOT NULL UNIQUE REFERENCES catalog.resource,
    code text NOT NULL,
    slug text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    summary_zh text NOT NULL,
    summary_en text NOT NULL,
    provider uuid NOT NULL,
    class text NOT NULL,
    sharing text NOT NULL,
    openness text NOT NULL,
    cycle text NOT NULL,
    format text NOT NULL,
    published_on date NOT NULL,
    words tsvector NOT NULL
);
CREATE INDEX shown_words ON catalog.shown USING gin (words);
CREATE INDEX shown_provider ON catalog.shown (provider, place);
CREATE INDEX shown_class ON catalog.shown (class text_pattern_ops, place);
CREATE INDEX shown_choices ON catalog.shown (sharing, openness, cycle, format, place);
-- Common pairs of characters are told from rare ones, so that each search is planned well.
ALTER TABLE catalog.shown ALTER COLUMN words SET STATISTICS 1000;

-- Which resource in force names which code, and how.
CREATE TABLE catalog.tie (
    resource uuid NOT NULL REFERENCES catalog.resource,
    kind text NOT NULL CHECK (kind IN ('related', 'source')),
    code text NOT NULL,
    PRIMARY KEY (resource, kind, code)
);
CREATE INDEX tie_code ON catalog.tie (code, kind);

-- When data arrived, for resources in force whose data stands in a dataset of the platform.
CREATE TABLE catalog.arrival (
    resource uuid PRIMARY KEY REFERENCES catalog.resource,
    dataset text NOT NULL,
    provider uuid NOT NULL,
    cycle text NOT NULL,
    since timestamptz NOT NULL,
    arrived_at timestamptz,
    due_day date,
    overdue boolean NOT NULL DEFAULT false
);
CREATE INDEX arrival_dataset ON catalog.arrival (dataset);
CREATE INDEX arrival_overdue ON catalog.arrival (provider, due_day) WHERE overdue;

-- The six lists of each unit.
CREATE TABLE catalog.entry (
    id uuid PRIMARY KEY,
    list text NOT NULL CHECK (list IN ('duty', 'system', 'data', 'demand', 'responsibility', 'negative')),
    unit uuid NOT NULL,
    title text NOT NULL,
    note text NOT NULL,
    item text,
    resource text REFERENCES catalog.code,
    other text,
    since timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX entry_list ON catalog.entry (list, unit, since) WHERE ended_at IS NULL;

-- A spreadsheet that was read, with what it would change: exactly that is done later.
CREATE TABLE catalog.import (
    id uuid PRIMARY KEY,
    unit uuid NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    read_by text NOT NULL,
    at timestamptz NOT NULL,
    plan jsonb NOT NULL,
    applied_at timestamptz
);
CREATE INDEX import_unit ON catalog.import (unit, at DESC);
