-- Forms that are being filled, and the files attached to them.
CREATE TABLE form.draft (
    id uuid PRIMARY KEY,
    form text NOT NULL,
    -- The version of the form it was begun with.
    form_digest text NOT NULL,
    item text NOT NULL,
    owner uuid NOT NULL,
    owner_organisation uuid,
    answers jsonb NOT NULL,
    -- What was typed and is not right yet, so that nothing is lost.
    inputs jsonb NOT NULL,
    -- The version in which each page was last saved.
    saved jsonb NOT NULL,
    -- What the city held when the draft began.
    known jsonb NOT NULL,
    version bigint NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    submitted_case text
);
CREATE INDEX draft_owner ON form.draft (owner, updated);
CREATE INDEX draft_owner_organisation ON form.draft (owner_organisation, updated)
WHERE owner_organisation IS NOT NULL;
CREATE INDEX draft_expires ON form.draft (expires);

CREATE TABLE form.file (
    id uuid PRIMARY KEY,
    draft uuid NOT NULL REFERENCES form.draft (id) ON DELETE CASCADE,
    field text NOT NULL,
    -- The entry of a repeated page; 0 elsewhere.
    entry bigint NOT NULL,
    digest text NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    -- The order in which they were attached.
    number bigint GENERATED ALWAYS AS IDENTITY,
    UNIQUE (draft, field, entry, digest)
);
