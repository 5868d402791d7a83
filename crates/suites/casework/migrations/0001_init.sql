-- Cases, their record, the tasks they wait for, their materials and notes.
CREATE TABLE casework.counter (
    scope text PRIMARY KEY,
    last bigint NOT NULL
);

CREATE TABLE casework."case" (
    no text PRIMARY KEY,
    kind text NOT NULL,
    item text NOT NULL,
    item_version text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    person uuid NOT NULL,
    person_name text NOT NULL,
    organisation uuid,
    organisation_name text,
    credit_code text,
    department uuid NOT NULL,
    department_name text NOT NULL,
    region text NOT NULL,
    state text NOT NULL,
    decision text,
    instance uuid NOT NULL,
    answers jsonb NOT NULL,
    facts jsonb NOT NULL,
    promised_days integer NOT NULL,
    statutory_days integer NOT NULL,
    submitted_at timestamptz NOT NULL,
    accepted_at timestamptz,
    decided_at timestamptz,
    closed_at timestamptz,
    document uuid,
    version bigint NOT NULL DEFAULT 1
);
CREATE INDEX case_person ON casework."case" (person, submitted_at DESC);
CREATE INDEX case_organisation ON casework."case" (organisation, submitted_at DESC) WHERE organisation IS NOT NULL;
CREATE INDEX case_department ON casework."case" (department, state, submitted_at);

-- What happened, in order; never changed.
CREATE TABLE casework.event (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    post text,
    node text,
    text_zh text NOT NULL,
    text_en text NOT NULL,
    reason text,
    public boolean NOT NULL,
    PRIMARY KEY ("case", seq)
);

-- The ledger of a stopped clock: kind, reason, who ordered it, from when to when.
CREATE TABLE casework.suspension (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    ordered_by text NOT NULL,
    from_day date NOT NULL,
    to_day date,
    PRIMARY KEY ("case", seq)
);

CREATE TABLE casework.todo (
    id uuid PRIMARY KEY,
    "case" text NOT NULL REFERENCES casework."case",
    task text NOT NULL,
    node text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    role text NOT NULL,
    side text NOT NULL,
    department uuid NOT NULL,
    outcomes text[] NOT NULL,
    assignee uuid,
    assignee_name text,
    opened_at timestamptz NOT NULL,
    due_day date,
    closed_at timestamptz,
    outcome text,
    UNIQUE ("case", task)
);
CREATE INDEX todo_open ON casework.todo (department, role, due_day) WHERE closed_at IS NULL;
CREATE INDEX todo_assignee ON casework.todo (assignee) WHERE closed_at IS NULL;

CREATE TABLE casework.material (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    source text NOT NULL,
    source_note text,
    digest text,
    file_name text,
    size bigint,
    mime text,
    at timestamptz NOT NULL,
    PRIMARY KEY ("case", seq)
);

CREATE TABLE casework.note (
    id uuid PRIMARY KEY,
    "case" text NOT NULL REFERENCES casework."case",
    author uuid NOT NULL,
    author_name text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX note_case ON casework.note ("case", at);
