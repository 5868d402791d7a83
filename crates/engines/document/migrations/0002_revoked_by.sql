-- Who revoked a paper: an adverse act has a named official.
ALTER TABLE document.document ADD COLUMN revoked_by text CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL);

CREATE OR REPLACE FUNCTION document.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'papers are not deleted';
    END IF;
    IF (to_jsonb(new) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by')
            <> (to_jsonb(old) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by')
        OR (old.blob IS NOT NULL AND new.blob IS DISTINCT FROM old.blob)
        OR (old.revoked_at IS NOT NULL AND (new.revoked_at, new.revoke_reason, new.revoked_by)
            IS DISTINCT FROM (old.revoked_at, old.revoke_reason, old.revoked_by)) THEN
        RAISE EXCEPTION 'a paper once issued is not changed';
    END IF;
    RETURN new;
END
$$;
