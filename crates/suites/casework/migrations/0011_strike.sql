-- A charge that was put down wrongly is struck out: its row stays as it was, with why, by whom and when, and counts no more.
ALTER TABLE casework.charge
    -- Sealed.
    ADD COLUMN struck_reason text,
    ADD COLUMN struck_by text,
    ADD COLUMN struck_at timestamptz;
ALTER TABLE casework.charge
    ADD CONSTRAINT charge_struck CHECK ((struck_at IS NULL) = (struck_by IS NULL) AND (struck_by IS NULL) = (struck_reason IS NULL));

-- A receipt stands once for an item; that of a charge that was struck out may be entered again.
DROP INDEX casework.charge_receipt;
CREATE UNIQUE INDEX charge_receipt ON casework.charge ("case", coalesce(item, ''), receipt) WHERE struck_at IS NULL;

-- What was recorded is not changed and what was struck out stays so; names and words go when the time of the case is over.
CREATE FUNCTION casework.keep_charge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free constant text[] := ARRAY['recorded_by', 'struck_reason', 'struck_by', 'struck_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'charges are not deleted';
    END IF;
    IF (to_jsonb(new) - free) <> (to_jsonb(old) - free)
        OR new.recorded_by NOT IN (old.recorded_by, '')
        OR (old.struck_at IS NOT NULL
            AND (new.struck_at IS DISTINCT FROM old.struck_at OR new.struck_by NOT IN (old.struck_by, ''))) THEN
        RAISE EXCEPTION 'a charge is not changed; it is struck out, once';
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON casework.charge
    FOR EACH ROW EXECUTE FUNCTION casework.keep_charge();
