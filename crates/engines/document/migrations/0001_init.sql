-- Papers that were issued, and the counters of their numbers.

CREATE TABLE document.document (
    id                  uuid        PRIMARY KEY,
    -- The template as pack:name; a paper is made from the data below and this template.
    template            text        NOT NULL,
    kind                text        NOT NULL CHECK (kind IN ('licence', 'notice', 'receipt')),
    number              text        NOT NULL,
    -- The national identifier of an electronic licence, where the issuer's credit code is known.
    identifier          text        UNIQUE,
    title_zh            text        NOT NULL,
    title_en            text        NOT NULL,
    holder_person       uuid,
    holder_organisation uuid,
    holder_name         text        NOT NULL,
    data                jsonb       NOT NULL,
    issued_at           timestamptz NOT NULL,
    issuer              uuid        NOT NULL,
    issuer_name         text        NOT NULL,
    valid_from          date        NOT NULL,
    -- The last day on which it is valid.
    valid_to            date        CHECK (valid_to >= valid_from),
    case_no             text,
    -- What the QR code carries: whoever holds the paper can ask whether it is in force.
    code                text        NOT NULL UNIQUE CHECK (code ~ '^[0-9A-HJKMNP-TV-Z]{26}$'),
    -- The digest of the PDF; absent until it was made.
    blob                text        CHECK (blob ~ '^[0-9a-f]{64}$'),
    revoked_at          timestamptz,
    revoke_reason       text,
    -- One asking gives one paper: the key of the asking, and the digest of what was asked.
    once                text,
    asked               text        NOT NULL,
    UNIQUE (template, number),
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);

CREATE UNIQUE INDEX document_once ON document.document (template, once) WHERE once IS NOT NULL;
CREATE INDEX document_person ON document.document (holder_person, issued_at DESC)
    WHERE holder_person IS NOT NULL;
CREATE INDEX document_organisation ON document.document (holder_organisation, issued_at DESC)
    WHERE holder_organisation IS NOT NULL;
CREATE INDEX document_case ON document.document (case_no, issued_at) WHERE case_no IS NOT NULL;

-- A paper once issued is not changed: it may only get its PDF once and be revoked once.
CREATE FUNCTION document.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'papers are not deleted';
    END IF;
    IF (to_jsonb(new) - 'blob' - 'revoked_at' - 'revoke_reason')
            <> (to_jsonb(old) - 'blob' - 'revoked_at' - 'revoke_reason')
        OR (old.blob IS NOT NULL AND new.blob IS DISTINCT FROM old.blob)
        OR (old.revoked_at IS NOT NULL AND (new.revoked_at, new.revoke_reason)
            IS DISTINCT FROM (old.revoked_at, old.revoke_reason)) THEN
        RAISE EXCEPTION 'a paper once issued is not changed';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON document.document
    FOR EACH ROW EXECUTE FUNCTION document.keep();

CREATE TABLE document.counter (
    -- The template as pack:name.
    kind  text   NOT NULL,
    -- The number with everything but its place in the sequence.
    scope text   NOT NULL,
    last  bigint NOT NULL,
    PRIMARY KEY (kind, scope)
);
