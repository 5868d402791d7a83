-- Definitions drawn in the designer: drafts, what waits for a second person, what was published and from which day.
CREATE TABLE process.design (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    xml text NOT NULL,
    digest text NOT NULL,
    -- The definition it began from.
    base text NOT NULL,
    -- What it changes, and why.
    note text NOT NULL,
    stage text NOT NULL CHECK (stage IN ('draft', 'submitted', 'published', 'dropped')),
    -- The first day on which new instances begin with it, in China.
    valid_from date,
    author uuid NOT NULL,
    author_name text NOT NULL,
    -- Grows with every change, so that nobody overwrites what another tab saved.
    revision integer NOT NULL,
    changed_at timestamptz NOT NULL,
    submitted_at timestamptz,
    decider uuid,
    decider_name text,
    decided_at timestamptz,
    verdict text,
    -- Nobody publishes alone.
    CHECK (decider <> author),
    CHECK (stage <> 'published' OR (decider IS NOT NULL AND decided_at IS NOT NULL AND valid_from IS NOT NULL)),
    CHECK (stage <> 'submitted' OR (submitted_at IS NOT NULL AND valid_from IS NOT NULL))
);
CREATE INDEX design_name ON process.design (name, number DESC);
CREATE INDEX design_published ON process.design (name, valid_from) WHERE stage = 'published';

-- What was published stays as it was published.
CREATE FUNCTION process.keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published design does not change';
END $$;
CREATE TRIGGER design_kept BEFORE UPDATE OR DELETE ON process.design
    FOR EACH ROW WHEN (OLD.stage = 'published') EXECUTE FUNCTION process.keep_published();

CREATE INDEX definition_name ON process.definition (name);
CREATE INDEX instance_definition ON process.instance (definition);
