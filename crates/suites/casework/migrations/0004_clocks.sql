-- The clocks of cases. What happened to a clock stands in its row, in casework.suspension and in casework.extension;
-- the rest is worked out from that and from the calendar, and kept only to find and to sort by.
CREATE TABLE casework.clock (
    id uuid PRIMARY KEY,
    "case" text NOT NULL REFERENCES casework."case",
    kind text NOT NULL,
    name text NOT NULL,
    seq integer NOT NULL,
    side text NOT NULL,
    todo uuid,
    calendar text NOT NULL,
    unit text NOT NULL,
    budget integer NOT NULL,
    -- The last change of calendars and limits before it started: later changes of limits reach it.
    born bigint NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- From here on: derived.
    revision bigint NOT NULL,
    consumed integer NOT NULL DEFAULT 0,
    running_since timestamptz,
    due_at timestamptz,
    due_day date,
    provisional boolean NOT NULL DEFAULT false,
    next_rung text,
    next_rung_at timestamptz,
    UNIQUE ("case", name, seq)
);
CREATE INDEX clock_rung ON casework.clock (next_rung_at) WHERE ended_at IS NULL AND next_rung_at IS NOT NULL;
CREATE INDEX clock_stale ON casework.clock (revision, id) WHERE ended_at IS NULL;
CREATE INDEX clock_todo ON casework.clock (todo) WHERE todo IS NOT NULL;

-- Which rungs have fired; the key is what makes each fire once.
CREATE TABLE casework.rung (
    clock uuid NOT NULL REFERENCES casework.clock,
    rung text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (clock, rung)
);

-- More time by a named official.
CREATE TABLE casework.extension (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    clock uuid NOT NULL REFERENCES casework.clock,
    amount integer NOT NULL,
    reason text NOT NULL,
    ordered_by text NOT NULL,
    notice text,
    at timestamptz NOT NULL,
    PRIMARY KEY ("case", seq)
);
CREATE INDEX extension_clock ON casework.extension (clock);

-- Changes of calendars and of limits by administrators, in order; never changed. The number is the revision.
CREATE TABLE casework.clock_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    ordered_by text NOT NULL,
    reason text NOT NULL,
    calendar text,
    days text,
    kind text,
    name text,
    unit text,
    budget integer,
    CHECK ((calendar IS NULL) = (days IS NULL) AND (kind IS NULL) = (budget IS NULL)
           AND (calendar IS NULL) <> (kind IS NULL))
);

-- A suspension says which clocks stand, at which moment, what the applicant was told and by which paper.
ALTER TABLE casework.suspension
    ADD COLUMN clocks text[] NOT NULL DEFAULT '{promised,statutory,step}',
    ADD COLUMN from_at timestamptz,
    ADD COLUMN to_at timestamptz,
    ADD COLUMN told_days integer NOT NULL DEFAULT 20,
    ADD COLUMN notice text,
    ADD COLUMN told_until date,
    ADD COLUMN overlong_at timestamptz;
UPDATE casework.suspension SET from_at = from_day::timestamp AT TIME ZONE '+08:00',
    to_at = to_day::timestamp AT TIME ZONE '+08:00', overlong_at = now();
ALTER TABLE casework.suspension ALTER COLUMN clocks DROP DEFAULT, ALTER COLUMN told_days DROP DEFAULT,
    ALTER COLUMN from_at SET NOT NULL;
CREATE INDEX suspension_told ON casework.suspension (told_until) WHERE to_day IS NULL AND overlong_at IS NULL;

-- Cases that were there before have their clocks from what was kept of them. Revision -1 is older than every change:
-- the first run of the job works out the rest.
INSERT INTO casework.clock (id, "case", kind, name, seq, side, calendar, unit, budget, born, started_at, ended_at, revision)
SELECT gen_random_uuid(), no, kind, name, 1, 'office', 'cn', 'working_day', greatest(days, 1), 0, accepted_at,
       coalesce(decided_at, closed_at), -1
FROM casework."case", LATERAL (VALUES ('promised', promised_days), ('statutory', statutory_days)) AS kept (name, days)
WHERE accepted_at IS NOT NULL;
INSERT INTO casework.clock (id, "case", kind, name, seq, side, todo, calendar, unit, budget, born, started_at, revision, due_day)
SELECT gen_random_uuid(), t."case", c.kind, CASE t.side WHEN 'applicant' THEN 'correction' ELSE 'step' END,
       row_number() OVER (PARTITION BY t."case", t.side ORDER BY t.opened_at, t.id), t.side, t.id, 'cn', 'natural_day',
       greatest(t.due_day - (t.opened_at AT TIME ZONE '+08:00')::date, 1), 0, t.opened_at, 0, t.due_day
FROM casework.todo t JOIN casework."case" c ON c.no = t."case"
WHERE t.closed_at IS NULL AND t.due_day IS NOT NULL;
