-- What a paper says about people stands sealed: the name of a person who holds it, its data, the reason of its
-- revocation. A paper once issued still is not changed: these may only be put under seal, or under a newer one.
CREATE OR REPLACE FUNCTION document.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'papers are not deleted';
    END IF;
    IF (to_jsonb(new) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by' - 'holder_name' - 'data')
            <> (to_jsonb(old) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by' - 'holder_name' - 'data')
        OR (new.holder_name <> old.holder_name AND new.holder_name NOT LIKE 'sealed:5a01%')
        OR (new.data <> old.data AND NOT (jsonb_typeof(new.data) = 'string'
            AND new.data #>> '{}' LIKE 'sealed:5a01%'))
        OR (old.blob IS NOT NULL AND new.blob IS DISTINCT FROM old.blob)
        OR (old.revoked_at IS NOT NULL AND (new.revoked_at, new.revoked_by)
            IS DISTINCT FROM (old.revoked_at, old.revoked_by))
        OR (old.revoked_at IS NOT NULL AND new.revoke_reason IS DISTINCT FROM old.revoke_reason
            AND coalesce(new.revoke_reason, '') NOT LIKE 'sealed:5a01%') THEN
        RAISE EXCEPTION 'a paper once issued is not changed';
    END IF;
    RETURN new;
END
$$;

-- Empty once everything is sealed, so that a start does not read all papers to learn that nothing is left to do.
CREATE INDEX document_plain ON document.document (id) WHERE jsonb_typeof(data) <> 'string';
-- Whether a file is still named is asked every night.
CREATE INDEX document_blob ON document.document (blob) WHERE blob IS NOT NULL;
