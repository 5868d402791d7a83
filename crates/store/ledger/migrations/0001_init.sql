-- The record of acts. Rows are added and never changed: triggers refuse everything else, always.

CREATE TABLE ledger.entry (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    account      uuid,
    person       uuid,
    name         text        NOT NULL,
    organisation uuid,
    post         uuid,
    behalf       jsonb,
    verb         text        NOT NULL,
    thing_kind   text        NOT NULL,
    thing        text        NOT NULL,
    subject      uuid,
    before       text,
    after        text,
    reason       text,
    request      text        NOT NULL,
    -- The transaction that added the entry: the sealer takes entries in this order, because all
    -- transactions below the oldest running one are finished, which cannot be said of ids.
    txid         xid8        NOT NULL DEFAULT pg_current_xact_id()
);

CREATE INDEX entry_txid ON ledger.entry (txid, id);
CREATE INDEX entry_at ON ledger.entry (at);
CREATE INDEX entry_subject ON ledger.entry (subject, id DESC) WHERE subject IS NOT NULL;
CREATE INDEX entry_thing ON ledger.entry (thing_kind, thing, id DESC);
CREATE INDEX entry_account ON ledger.entry (account, id DESC) WHERE account IS NOT NULL;
CREATE INDEX entry_person ON ledger.entry (person, id DESC) WHERE person IS NOT NULL;
CREATE INDEX entry_request ON ledger.entry (request);

CREATE TABLE ledger.leaf (
    index bigint PRIMARY KEY,
    entry bigint NOT NULL UNIQUE REFERENCES ledger.entry (id),
    hash  bytea  NOT NULL
);

-- Complete subtrees of every eighth level, so that a proof reads a few hundred hashes of a record of any size.
CREATE TABLE ledger.node (
    level smallint NOT NULL,
    index bigint   NOT NULL,
    hash  bytea    NOT NULL,
    PRIMARY KEY (level, index)
);

-- The public keys that checkpoints name.
CREATE TABLE ledger.key (
    id     text  PRIMARY KEY,
    public bytea NOT NULL
);

CREATE TABLE ledger.checkpoint (
    size      bigint      PRIMARY KEY,
    origin    text        NOT NULL,
    root      bytea       NOT NULL,
    at        timestamptz NOT NULL,
    key       text        NOT NULL REFERENCES ledger.key (id),
    signature bytea       NOT NULL
);

CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.leaf
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.node
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.key
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

-- Also for a session that calls itself a replica.
ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.leaf ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.node ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.key ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.checkpoint ENABLE ALWAYS TRIGGER append_only;
