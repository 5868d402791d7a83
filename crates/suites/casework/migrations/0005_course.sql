-- The course of a case through several departments, and what officers do that no diagram shows.

-- Departments that have, or had, a task in a case beside the one that handles it: they may look at it.
ALTER TABLE casework."case" ADD COLUMN assisting uuid[] NOT NULL DEFAULT '{}';

ALTER TABLE casework.todo
    ADD COLUMN department_name text NOT NULL DEFAULT '',
    -- Whether it is a task of the department that handles the case.
    ADD COLUMN lead boolean NOT NULL DEFAULT true,
    -- What counts as its outcome when its days are over.
    ADD COLUMN by_default text,
    -- Tasks of one visit of a step are done for one and the same purpose.
    ADD COLUMN visit bigint NOT NULL DEFAULT 0,
    -- Whether it is one of several that are done for one step, and whether others sign after it.
    ADD COLUMN several boolean NOT NULL DEFAULT false,
    ADD COLUMN followed boolean NOT NULL DEFAULT false,
    -- Why it was opened beside another task: before, after, together, opinion.
    ADD COLUMN purpose text,
    ADD COLUMN of_task text,
    -- Whether it was given to somebody by name, whatever their role.
    ADD COLUMN given boolean NOT NULL DEFAULT false,
    ADD COLUMN lent boolean NOT NULL DEFAULT false,
    -- Whether it waits for those who were asked first.
    ADD COLUMN waits boolean NOT NULL DEFAULT false,
    -- Who asked for it; what was asked stands in the events.
    ADD COLUMN asked_by text,
    -- When its time began, where that was before it was opened.
    ADD COLUMN begun_at timestamptz;
UPDATE casework.todo t SET department_name = c.department_name FROM casework."case" c WHERE c.no = t."case";
CREATE INDEX todo_by_default ON casework.todo (due_day) WHERE closed_at IS NULL AND by_default IS NOT NULL;

-- 首问负责: who had to do with a case first, and to whom it went from there; never changed.
CREATE TABLE casework.responsible (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    account uuid NOT NULL,
    name text NOT NULL,
    department uuid NOT NULL,
    how text NOT NULL,
    node text,
    at timestamptz NOT NULL,
    PRIMARY KEY ("case", seq)
);

-- Special procedures in the words of GB/T 39046. What stops a clock stands in casework.suspension, which names its procedure.
CREATE TABLE casework.procedure (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    content text,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    told_days integer NOT NULL,
    unit text NOT NULL,
    notice text,
    approved_by text,
    approved_at timestamptz,
    approval text,
    begun_at timestamptz,
    ended_at timestamptz,
    ended_by text,
    result text,
    opinion text,
    department uuid NOT NULL,
    department_name text NOT NULL,
    todo uuid,
    PRIMARY KEY ("case", seq)
);
ALTER TABLE casework.suspension ADD COLUMN procedure integer;
INSERT INTO casework.procedure ("case", seq, kind, state, reason, requested_by, requested_at, told_days, unit, notice,
    approved_by, approved_at, begun_at, ended_at, department, department_name)
SELECT s."case", s.seq, s.kind, CASE WHEN s.to_at IS NULL THEN 'running' ELSE 'ended' END, '', s.ordered_by, s.from_at,
    s.told_days, 'working_day', s.notice, s.ordered_by, s.from_at, s.from_at, s.to_at, c.department, c.department_name
FROM casework.suspension s JOIN casework."case" c ON c.no = s."case";
UPDATE casework.suspension SET procedure = seq;

-- What an applicant undertakes in writing: to bring a lesser paper later (容缺), or to keep what is promised (告知承诺).
CREATE TABLE casework.undertaking (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    kind text NOT NULL,
    words text NOT NULL,
    words_digest text NOT NULL,
    -- The paper that was signed, among the papers of the case.
    material integer,
    signed_by text NOT NULL,
    recorded_by text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY ("case", seq)
);

-- Lesser papers that may come later, and those that are owed.
CREATE TABLE casework.deferred (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    state text NOT NULL,
    owed_at timestamptz,
    supplied_at timestamptz,
    PRIMARY KEY ("case", seq)
);

-- Work of the platform that waits until everything owed has come.
CREATE TABLE casework.withheld (
    "case" text NOT NULL REFERENCES casework."case",
    task text NOT NULL,
    node text NOT NULL,
    action text NOT NULL,
    notice text,
    at timestamptz NOT NULL,
    PRIMARY KEY ("case", task)
);
