-- What instances wait for, what came before somebody waited, and what stands still.
ALTER TABLE process.instance ADD COLUMN commands integer NOT NULL DEFAULT 0;
UPDATE process.instance SET commands =
    (SELECT coalesce(max(seq), 0) FROM process.history WHERE history.instance = instance.id);

CREATE TABLE process.wait (
    instance uuid NOT NULL REFERENCES process.instance,
    number bigint NOT NULL,
    node text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('timer', 'message', 'receive', 'signal', 'service')),
    name text,
    key text,
    due timestamptz,
    vars jsonb,
    PRIMARY KEY (instance, number)
);
CREATE INDEX wait_due ON process.wait (due) WHERE due IS NOT NULL;
CREATE INDEX wait_name ON process.wait (name, key) WHERE name IS NOT NULL;

CREATE TABLE process.message (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    key text NOT NULL,
    vars jsonb NOT NULL,
    arrived timestamptz NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX message_name ON process.message (name, key);
CREATE INDEX message_expires ON process.message (expires);

-- A command that could not be carried out, or a service that failed too often: an operator decides.
CREATE TABLE process.incident (
    id uuid PRIMARY KEY,
    instance uuid NOT NULL REFERENCES process.instance,
    node text NOT NULL,
    task bigint,
    kind text NOT NULL CHECK (kind IN ('command', 'service', 'timer')),
    cause text NOT NULL,
    command jsonb,
    opened timestamptz NOT NULL,
    ended timestamptz,
    ended_by text,
    outcome text CHECK (outcome IN ('retried', 'skipped', 'over')),
    reason text
);
CREATE INDEX incident_open ON process.incident (opened) WHERE ended IS NULL;
CREATE INDEX incident_instance ON process.incident (instance) WHERE ended IS NULL;
