-- Answers kept under idempotency keys, jobs, the outbox.
CREATE TABLE db.answer (
    actor text NOT NULL,
    key text NOT NULL,
    verb text NOT NULL,
    body text NOT NULL,
    answer jsonb,
    at timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX answer_at ON db.answer (at);

CREATE TABLE db.job (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    unique_key text,
    due timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    attempts_max integer NOT NULL DEFAULT 12,
    locked_until timestamptz,
    error text,
    created timestamptz NOT NULL
);
CREATE INDEX job_due ON db.job (due);
CREATE UNIQUE INDEX job_unique ON db.job (kind, unique_key) WHERE unique_key IS NOT NULL;

-- Jobs that failed on every attempt; an operator retries or discards them.
CREATE TABLE db.dead_letter (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    attempts integer NOT NULL,
    error text NOT NULL,
    created timestamptz NOT NULL,
    died timestamptz NOT NULL
);

-- When each cron entry last ran, so that several nodes run it once.
CREATE TABLE db.cron (
    name text PRIMARY KEY,
    last timestamptz NOT NULL
);

CREATE TABLE db.outbox (
    id uuid PRIMARY KEY,
    topic text NOT NULL,
    thing text NOT NULL,
    payload jsonb NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX outbox_at ON db.outbox (at);

-- Named settings of this city that administrators change at run time.
CREATE TABLE db.setting (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL
);
