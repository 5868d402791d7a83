-- A unit's request for data of another. All from state on is worked out from sharing.step, kept to find and to sort by.
CREATE TABLE sharing.request (
    no text PRIMARY KEY,
    unit uuid NOT NULL,
    asker uuid,
    asker_name text NOT NULL,
    dataset text NOT NULL,
    provider uuid NOT NULL,
    conditional boolean NOT NULL,
    purpose text NOT NULL,
    basis text NOT NULL,
    serves text NOT NULL,
    fields text[] NOT NULL,
    way text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    quota integer NOT NULL CHECK (quota > 0),
    asked_at timestamptz NOT NULL,
    state text NOT NULL,
    due_day date,
    late boolean NOT NULL DEFAULT false
);
CREATE INDEX request_unit ON sharing.request (unit, no);
CREATE INDEX request_provider ON sharing.request (provider, no);
CREATE INDEX request_due ON sharing.request (due_day) WHERE due_day IS NOT NULL;

-- What was granted, and thereby what is provided. Only its end is ever written into it.
CREATE TABLE sharing.granted (
    no text PRIMARY KEY,
    request text NOT NULL UNIQUE REFERENCES sharing.request,
    unit uuid NOT NULL,
    provider uuid NOT NULL,
    dataset text NOT NULL,
    fields text[] NOT NULL,
    masked text[] NOT NULL CHECK (masked <@ fields),
    way text NOT NULL,
    quota integer NOT NULL CHECK (quota > 0),
    first_day date NOT NULL,
    last_day date NOT NULL,
    purpose text NOT NULL,
    basis text NOT NULL,
    given_by text NOT NULL,
    given_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    end_reason text
);
CREATE INDEX granted_unit ON sharing.granted (unit, no);
CREATE INDEX granted_provider ON sharing.granted (provider, no);

-- How often a grant was used on a day.
CREATE TABLE sharing.quota (
    granted text NOT NULL REFERENCES sharing.granted,
    day date NOT NULL,
    used integer NOT NULL,
    PRIMARY KEY (granted, day)
);

-- Each use. Whom it is about stands as a keyed code, by which nobody but the person finds it.
CREATE TABLE sharing.used (
    id uuid PRIMARY KEY,
    granted text NOT NULL REFERENCES sharing.granted,
    at timestamptz NOT NULL,
    unit uuid NOT NULL,
    officer uuid,
    way text NOT NULL,
    dataset text NOT NULL,
    record uuid,
    subject bytea
);
CREATE INDEX used_granted ON sharing.used (granted, at);
CREATE INDEX used_record ON sharing.used (record, at) WHERE record IS NOT NULL;
CREATE INDEX used_subject ON sharing.used (subject, at) WHERE subject IS NOT NULL;

-- An objection to one field of one record. The key of the record and what was claimed stand sealed.
CREATE TABLE sharing.objection (
    no text PRIMARY KEY,
    dataset text NOT NULL,
    record uuid NOT NULL,
    field text NOT NULL,
    key text NOT NULL,
    claimed text NOT NULL,
    seen_in text NOT NULL,
    source uuid NOT NULL,
    person uuid,
    unit uuid,
    by_case text,
    subject bytea,
    raised_at timestamptz NOT NULL,
    state text NOT NULL,
    due_day date,
    late boolean NOT NULL DEFAULT false,
    told integer NOT NULL DEFAULT 0
);
-- One conflict is one task.
CREATE UNIQUE INDEX objection_open ON sharing.objection (dataset, record, field) WHERE state = 'open';
CREATE INDEX objection_source ON sharing.objection (source, no);
CREATE INDEX objection_person ON sharing.objection (person) WHERE person IS NOT NULL;
CREATE INDEX objection_subject ON sharing.objection (subject) WHERE subject IS NOT NULL;

-- What was done about a request or an objection, in order; never changed.
CREATE TABLE sharing.step (
    matter text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    words text NOT NULL,
    PRIMARY KEY (matter, seq)
);
