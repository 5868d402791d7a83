-- What was said of a service. Who said it stands in rating.contact, which nothing that a department reads looks at.
CREATE TABLE rating.rating (
    id uuid PRIMARY KEY,
    item text,
    department uuid NOT NULL,
    region text NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    channel text NOT NULL,
    -- 1 非常满意 … 5 非常不满意, by GB/T 39046-2020 A.8.
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
    indicators jsonb NOT NULL,
    words text NOT NULL,
    rules text NOT NULL,
    -- The hour is not kept: it would say who it was.
    day date NOT NULL,
    excluded boolean NOT NULL DEFAULT false,
    -- The words, read by a named official before anybody else reads them: kept as they are, changed, or held back.
    reviewed text CHECK (reviewed IN ('shown', 'held')),
    shown_words text,
    shown_day date
);
CREATE INDEX rating_department ON rating.rating (department, day);
CREATE INDEX rating_item ON rating.rating (item, day);
CREATE INDEX rating_review ON rating.rating (day, id) WHERE reviewed IS NULL AND words <> '';

-- One service contact: what may be rated once, and by whom.
CREATE TABLE rating.contact (
    subject text NOT NULL,
    contact text NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    item text,
    department uuid NOT NULL,
    region text NOT NULL,
    day date NOT NULL,
    person uuid,
    organisation uuid,
    rating uuid UNIQUE REFERENCES rating.rating,
    PRIMARY KEY (subject, contact)
);
CREATE INDEX contact_department ON rating.contact (department, day);
CREATE INDEX contact_person ON rating.contact (person) WHERE rating IS NOT NULL;
CREATE INDEX contact_organisation ON rating.contact (organisation) WHERE rating IS NOT NULL;

-- A visit to a window that may be rated once, by whoever holds the code. Only its digest is kept.
CREATE TABLE rating.visit (
    digest text PRIMARY KEY,
    subject text NOT NULL UNIQUE,
    item text,
    department uuid NOT NULL,
    region text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- A bad rating in hand. All but the first four columns is worked out from rating.step and kept to find and to sort by.
CREATE TABLE rating.matter (
    no text PRIMARY KEY,
    rating uuid NOT NULL UNIQUE REFERENCES rating.rating,
    department uuid NOT NULL,
    -- The item, unless so few cases of it were there that it would say who rated.
    item text,
    state text NOT NULL,
    round smallint NOT NULL,
    due_day date,
    in_time boolean,
    answered boolean NOT NULL,
    called_back boolean NOT NULL,
    settled boolean,
    version bigint NOT NULL DEFAULT 1
);
CREATE INDEX matter_department ON rating.matter (department, state, no);
CREATE INDEX matter_due ON rating.matter (due_day) WHERE due_day IS NOT NULL;

-- What was done about it, in order; never changed.
CREATE TABLE rating.step (
    matter text NOT NULL REFERENCES rating.matter,
    seq integer NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    words text NOT NULL,
    PRIMARY KEY (matter, seq)
);

-- What of it the public reads, after a named official has taken out what is personal.
CREATE TABLE rating.answer (
    rating uuid PRIMARY KEY REFERENCES rating.rating,
    words text NOT NULL,
    day date NOT NULL
);

-- Ratings from before this suite, where 5 was the best.
DO $move$
BEGIN
    IF to_regclass('service.rating') IS NULL THEN
        RETURN;
    END IF;
    CREATE TEMP TABLE moved ON COMMIT DROP AS
        SELECT r.*, gen_random_uuid() AS id, (at AT TIME ZONE '+08:00')::date AS day FROM service.rating r;
    INSERT INTO rating.rating (id, item, department, region, kind, place, channel, level, indicators, words, rules, day)
        SELECT id, item, department, '', 'result', 'online', 'pc', 6 - score, '{}', words, 'before', day FROM moved;
    INSERT INTO rating.contact (subject, contact, kind, place, item, department, region, day, person, rating)
        SELECT "case", 'result', 'result', 'online', item, department, '', day, person, id FROM moved;
END
$move$;
