-- A definition that holds what it calls too: the text as it was written stands under this digest.
ALTER TABLE process.definition ADD COLUMN source text;
CREATE INDEX definition_source ON process.definition (source) WHERE source IS NOT NULL;

-- Start events of the definitions in force that something outside sets off.
CREATE TABLE process.beginning (
    name text NOT NULL,
    node text NOT NULL,
    digest text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('timer', 'message', 'signal')),
    -- The name of the message or signal, or the time as it is written.
    event text NOT NULL,
    form text CHECK (form IN ('date', 'duration', 'cycle')),
    -- When a timer comes next, and how often it still comes; none for no end.
    due timestamptz,
    still integer,
    -- Why it could not begin, and since when: it is tried again after a while.
    fault text,
    faulted timestamptz,
    PRIMARY KEY (name, node),
    CHECK ((kind = 'timer') = (form IS NOT NULL))
);
CREATE INDEX beginning_due ON process.beginning (due) WHERE due IS NOT NULL;
CREATE INDEX beginning_event ON process.beginning (event) WHERE kind <> 'timer';

-- A signal that came for a start event, until its instance has begun.
CREATE TABLE process.signalled (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    node text NOT NULL,
    signal text NOT NULL,
    vars jsonb NOT NULL,
    at timestamptz NOT NULL
);
