-- A licence that is renewed, changed or given anew keeps its number: of the papers with one number one is in force.
ALTER TABLE document.document DROP CONSTRAINT document_template_number_key;
CREATE UNIQUE INDEX document_number ON document.document (template, number) WHERE revoked_at IS NULL;

-- How a paper stopped being in force: taken back, replaced by a newer one, or given up by its holder.
ALTER TABLE document.document ADD COLUMN ended_how text NOT NULL DEFAULT 'revoked'
    CHECK (ended_how IN ('revoked', 'replaced', 'cancelled'));

CREATE OR REPLACE FUNCTION document.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'papers are not deleted';
    END IF;
    IF (to_jsonb(new) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by' - 'ended_how' - 'holder_name' - 'data')
            <> (to_jsonb(old) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by' - 'ended_how' - 'holder_name' - 'data')
        OR (new.holder_name <> old.holder_name AND new.holder_name NOT LIKE 'sealed:5a01%')
        OR (new.data <> old.data AND NOT (jsonb_typeof(new.data) = 'string'
            AND new.data #>> '{}' LIKE 'sealed:5a01%'))
        OR (old.blob IS NOT NULL AND new.blob IS DISTINCT FROM old.blob)
        OR (new.revoked_at IS NULL AND new.ended_how <> old.ended_how)
        OR (old.revoked_at IS NOT NULL AND (new.revoked_at, new.revoked_by, new.ended_how)
            IS DISTINCT FROM (old.revoked_at, old.revoked_by, old.ended_how))
        OR (old.revoked_at IS NOT NULL AND new.revoke_reason IS DISTINCT FROM old.revoke_reason
            AND coalesce(new.revoke_reason, '') NOT LIKE 'sealed:5a01%') THEN
        RAISE EXCEPTION 'a paper once issued is not changed';
    END IF;
    RETURN new;
END
$$;
