-- Whether a row holds what is asked: $2 what it must hold (any one of the objects of each field, empty: all), $3 patterns of words,
-- $4 fields with a pattern of their own.
CREATE FUNCTION portal.holds(record jsonb, wanted jsonb, patterns text[], parts jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(wanted) AS each
            WHERE NOT EXISTS (
                SELECT 1 FROM jsonb_array_elements(each -> 'any') AS one WHERE record -> (each ->> 'field') = one))
        AND record::text ILIKE ALL (patterns)
        AND NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(parts) AS part
            WHERE NOT coalesce(record ->> (part ->> 'field') ILIKE part ->> 'pattern', false))
$$;

-- When it was last looked whether a dataset needs a new version.
ALTER TABLE portal.package ADD COLUMN looked timestamptz;

-- What a dataset held when it had changed: its files, each at an address that stays.
CREATE TABLE portal.version (
    package uuid NOT NULL REFERENCES portal.package ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    -- What a department takes away is taken away in every version.
    resource uuid NOT NULL REFERENCES portal.resource ON DELETE CASCADE,
    name text NOT NULL,
    made timestamptz NOT NULL,
    mimetype text NOT NULL,
    -- Rows of a table; a file that was sent has none.
    rows bigint,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (package, number, name)
);
CREATE INDEX version_resource ON portal.version (resource);
