-- Definitions by digest, instances with their state, and the commands that led there.
CREATE TABLE process.definition (
    digest text PRIMARY KEY,
    name text NOT NULL,
    xml text NOT NULL,
    first_used timestamptz NOT NULL
);

CREATE TABLE process.instance (
    id uuid PRIMARY KEY,
    definition text NOT NULL REFERENCES process.definition,
    thing text NOT NULL,
    state jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX instance_thing ON process.instance (thing);

-- Replaying these from the first gives the state again.
CREATE TABLE process.history (
    instance uuid NOT NULL REFERENCES process.instance,
    seq integer NOT NULL,
    command jsonb NOT NULL,
    node text,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    PRIMARY KEY (instance, seq)
);
