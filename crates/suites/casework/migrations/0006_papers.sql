-- Papers that the applicant was given, how the decision came to them, the archive of a closed case, and cases that
-- go together.
CREATE TABLE casework.voucher (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    -- The moment, such as correction or declined.
    kind text NOT NULL,
    document uuid NOT NULL UNIQUE,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    number text NOT NULL,
    -- SM3 of what the paper says; it is printed on it.
    contents text NOT NULL,
    at timestamptz NOT NULL,
    -- When the applicant first opened it: the receipt of reading.
    opened_at timestamptz,
    opened_by uuid,
    PRIMARY KEY ("case", seq)
);

-- How a decision was sent, and how it arrived. Each sending is a row; what was recorded is not changed.
CREATE TABLE casework.delivery (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    way text NOT NULL CHECK (way IN ('electronic', 'window', 'express', 'announcement')),
    -- Sealed: the number of the parcel, where it was announced, who came to the window.
    words text NOT NULL,
    sent_at timestamptz NOT NULL,
    sent_by text NOT NULL,
    -- The day on which it counts as delivered by law, of an announcement.
    counts_on date,
    served_on date,
    -- Sealed: who signed for it, or by which proof it is known.
    proof text,
    served_by text,
    recorded_at timestamptz,
    PRIMARY KEY ("case", seq),
    CHECK ((served_on IS NULL) = (recorded_at IS NULL))
);
CREATE INDEX delivery_announced ON casework.delivery (counts_on) WHERE counts_on IS NOT NULL AND served_on IS NULL;

-- The archive of a case: an index of its papers and acts, and a catalogue for people. It is not changed; when its
-- time is over, the files go and the row stays.
CREATE TABLE casework.archive (
    "case" text PRIMARY KEY REFERENCES casework."case",
    at timestamptz NOT NULL,
    acts integer NOT NULL,
    papers integer NOT NULL,
    digest text,
    file text,
    keep_until date,
    erased_at timestamptz,
    CHECK ((digest IS NULL) = (erased_at IS NOT NULL))
);
CREATE FUNCTION casework.keep_archive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'archives are not deleted';
    END IF;
    IF old.digest IS NULL OR new.digest IS NOT NULL OR new.file IS NOT NULL OR old.keep_until IS NULL
        OR new.erased_at < old.keep_until::timestamp AT TIME ZONE 'Asia/Shanghai'
        OR (to_jsonb(new) - 'digest' - 'file' - 'erased_at') <> (to_jsonb(old) - 'digest' - 'file' - 'erased_at') THEN
        RAISE EXCEPTION 'an archive is not changed before its time is over';
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON casework.archive
    FOR EACH ROW EXECUTE FUNCTION casework.keep_archive();
CREATE INDEX case_to_archive ON casework."case" (closed_at) WHERE closed_at IS NOT NULL AND retired_at IS NULL;

-- Cases that go together: one that follows another (merge), or one that was taken out of another (split).
CREATE TABLE casework.link (
    child text NOT NULL REFERENCES casework."case",
    parent text NOT NULL REFERENCES casework."case",
    kind text NOT NULL CHECK (kind IN ('merge', 'split')),
    reason text NOT NULL,
    ordered_by text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (child, kind),
    CHECK (child <> parent)
);
CREATE INDEX link_parent ON casework.link (parent, kind);
