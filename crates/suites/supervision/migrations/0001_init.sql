-- Electronic supervision. What was seen, raised, answered and found is added and never changed: triggers refuse
-- everything else, whoever asks. Only the platform adds what was seen; departments have no way to these tables.

CREATE FUNCTION supervision.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what supervision saw is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- What was seen: what happened in cases, rungs of clocks, news of other suites, what supervisors found.
CREATE TABLE supervision.event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "case" text NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    word text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    department uuid NOT NULL,
    at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    facts jsonb NOT NULL,
    UNIQUE ("case", source)
);
CREATE INDEX event_at ON supervision.event (at DESC);

-- Where every case stands, worked out of its record; an auditor compares it with the record every night.
CREATE TABLE supervision."case" (
    no text PRIMARY KEY,
    kind text NOT NULL,
    item text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    department uuid NOT NULL,
    department_name text NOT NULL,
    state text NOT NULL,
    submitted_at timestamptz NOT NULL,
    accepted_at timestamptz,
    decided_at timestamptz,
    closed_at timestamptz,
    due_day date,
    -- The moment from which it is late; in the future while there is time, none when it ended in time.
    over_from timestamptz
);
CREATE INDEX case_department ON supervision."case" (department, accepted_at);
CREATE INDEX case_open ON supervision."case" (no) WHERE closed_at IS NULL;

CREATE TABLE supervision.card (
    id uuid PRIMARY KEY,
    no text NOT NULL UNIQUE,
    rule text NOT NULL,
    level text NOT NULL CHECK (level IN ('notice', 'yellow', 'red')),
    "case" text NOT NULL,
    occasion text NOT NULL,
    event bigint NOT NULL REFERENCES supervision.event,
    item text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    department uuid NOT NULL,
    department_name text NOT NULL,
    handlers uuid[] NOT NULL,
    rule_title_zh text NOT NULL,
    rule_title_en text NOT NULL,
    basis_zh text NOT NULL,
    basis_en text NOT NULL,
    why_zh text NOT NULL,
    why_en text NOT NULL,
    facts jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    -- From here on: where it stands.
    state text NOT NULL,
    answer_due date,
    urges integer NOT NULL DEFAULT 0,
    proposal uuid,
    UNIQUE (rule, "case", occasion)
);
CREATE INDEX card_department ON supervision.card (department, occurred_at DESC);
CREATE INDEX card_case ON supervision.card ("case");
CREATE INDEX card_waiting ON supervision.card (answer_due) WHERE state = 'notified' AND answer_due IS NOT NULL;
CREATE INDEX card_at ON supervision.card (occurred_at DESC);

-- What was done with a card: by whom, in which words.
CREATE TABLE supervision.step (
    card uuid NOT NULL REFERENCES supervision.card,
    seq integer NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    person uuid,
    name text NOT NULL,
    words text,
    due date,
    PRIMARY KEY (card, seq)
);

-- What a supervisor found and put down by hand, with the evidence.
CREATE TABLE supervision.finding (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    "case" text NOT NULL,
    department uuid NOT NULL,
    happened_on date NOT NULL,
    charged bigint,
    listed bigint,
    evidence text NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL
);

-- The record of the officer on duty.
CREATE TABLE supervision.duty (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    card text,
    words text NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL
);
CREATE INDEX duty_at ON supervision.duty (at DESC);

-- A spot check: anybody who knows the seed draws the same cases.
CREATE TABLE supervision.sample (
    id uuid PRIMARY KEY,
    no text NOT NULL UNIQUE,
    seed text NOT NULL,
    size integer NOT NULL,
    department uuid,
    from_day date NOT NULL,
    to_day date NOT NULL,
    population integer NOT NULL,
    digest text NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL
);
CREATE TABLE supervision.drawn (
    sample uuid NOT NULL REFERENCES supervision.sample,
    place integer NOT NULL,
    "case" text NOT NULL,
    PRIMARY KEY (sample, place)
);
CREATE TABLE supervision.checked (
    sample uuid NOT NULL,
    place integer NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('sound', 'flawed')),
    words text NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (sample, place),
    FOREIGN KEY (sample, place) REFERENCES supervision.drawn
);

-- Whether the board equals the record, each time somebody looked.
CREATE TABLE supervision.audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    cases integer NOT NULL,
    cards integer NOT NULL,
    differ integer NOT NULL,
    first text
);
CREATE INDEX audit_at ON supervision.audit (at DESC);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.event
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.step
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.finding
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.duty
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.sample
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.drawn
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.checked
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.audit
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON supervision.card
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
CREATE TRIGGER no_change BEFORE UPDATE OF id, no, rule, level, "case", occasion, event, item, title_zh, title_en,
        department, department_name, handlers, rule_title_zh, rule_title_en, basis_zh, basis_en, why_zh, why_en,
        facts, occurred_at, raised_at ON supervision.card
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Every number of the board is a count of these rows, and every list behind a number is these rows.
CREATE VIEW supervision.figure AS
SELECT 'accepted' AS what, department, department_name, no AS "case", NULL::text AS card, accepted_at AS at
FROM supervision."case" WHERE accepted_at IS NOT NULL
UNION ALL
SELECT 'open', department, department_name, no, NULL, accepted_at
FROM supervision."case" WHERE accepted_at IS NOT NULL AND decided_at IS NULL AND closed_at IS NULL
UNION ALL
SELECT 'decided', department, department_name, no, NULL, decided_at
FROM supervision."case" WHERE decided_at IS NOT NULL
UNION ALL
SELECT 'on_time', department, department_name, no, NULL, decided_at
FROM supervision."case" WHERE decided_at IS NOT NULL AND over_from IS NULL
UNION ALL
SELECT 'overdue', department, department_name, no, NULL, over_from
FROM supervision."case" WHERE over_from IS NOT NULL
UNION ALL
SELECT level, department, department_name, "case", no, occurred_at
FROM supervision.card WHERE state <> 'revoked';
