-- What an officer's desk needs beyond the cases themselves: own filters, columns and phrases, half-written reasons, who
-- looks at a case now, acts on many tasks that can be undone, and how often an applicant has urged.

-- A filter under a name; at most one is shown first.
CREATE TABLE casework.filter (
    id uuid PRIMARY KEY,
    account uuid NOT NULL,
    name text NOT NULL,
    sought jsonb NOT NULL,
    first boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL,
    UNIQUE (account, name)
);
CREATE UNIQUE INDEX filter_first ON casework.filter (account) WHERE first;

-- Which columns an officer wants and how many rows on a page.
CREATE TABLE casework.arrangement (
    account uuid PRIMARY KEY,
    columns text[] NOT NULL,
    rows integer NOT NULL
);

-- Phrases that an officer keeps beside those of the pack.
CREATE TABLE casework.phrase (
    id uuid PRIMARY KEY,
    account uuid NOT NULL,
    effect text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX phrase_account ON casework.phrase (account, effect, at);

-- Half-written reasons, sealed: one for each task, officer and decision.
CREATE TABLE casework.draft (
    todo uuid NOT NULL REFERENCES casework.todo,
    account uuid NOT NULL,
    outcome text NOT NULL,
    "case" text NOT NULL REFERENCES casework."case",
    words text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (todo, account, outcome)
);
CREATE INDEX draft_case ON casework.draft ("case");

-- Who looks at a case now. It is worth nothing a minute later, so it is not kept through a crash.
CREATE UNLOGGED TABLE casework.presence (
    "case" text NOT NULL,
    account uuid NOT NULL,
    name text NOT NULL,
    since timestamptz NOT NULL,
    at timestamptz NOT NULL,
    writing boolean NOT NULL,
    PRIMARY KEY ("case", account)
);
CREATE INDEX presence_at ON casework.presence (at);

-- An act on many tasks: what it found before, so that it can be undone; acceptance waits until its time has come.
CREATE TABLE casework.bulk (
    id uuid PRIMARY KEY,
    account uuid NOT NULL,
    act text NOT NULL,
    officer jsonb NOT NULL,
    tasks jsonb NOT NULL,
    at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    state text NOT NULL,
    done integer NOT NULL DEFAULT 0,
    missed integer NOT NULL DEFAULT 0
);
CREATE INDEX bulk_account ON casework.bulk (account, at DESC);

-- The applicant urges at most once a day.
CREATE TABLE casework.urge (
    "case" text NOT NULL REFERENCES casework."case",
    day date NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY ("case", day)
);

-- The inbox walks these in the order in which it shows tasks, from the place where the last page ended.
CREATE INDEX todo_mine ON casework.todo (assignee, (coalesce(due_day, 'infinity'::date)), opened_at, id)
    WHERE closed_at IS NULL AND side = 'office';
CREATE INDEX todo_free ON casework.todo (department, role, (coalesce(due_day, 'infinity'::date)), opened_at, id)
    WHERE closed_at IS NULL AND assignee IS NULL AND side = 'office';
CREATE INDEX todo_unit ON casework.todo (department, (coalesce(due_day, 'infinity'::date)), opened_at, id)
    WHERE closed_at IS NULL AND side = 'office';
CREATE INDEX todo_waiting ON casework.todo (department, (coalesce(due_day, 'infinity'::date)), opened_at, id)
    WHERE closed_at IS NULL AND side = 'applicant';
DROP INDEX casework.todo_assignee;
CREATE INDEX suspension_open ON casework.suspension ("case") WHERE to_day IS NULL;
