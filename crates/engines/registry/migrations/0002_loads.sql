-- Files that become records. What is read stands in a table of its own, `_load_<number>`, until it becomes visible
-- in one step; that table is gone with the load.
CREATE TABLE registry.load (
    id         uuid PRIMARY KEY,
    number     bigint NOT NULL UNIQUE,
    dataset    text NOT NULL,
    state      text NOT NULL CHECK (state IN ('draft', 'waiting', 'reading', 'applying', 'done', 'failed', 'cancelled')),
    mode       text NOT NULL CHECK (mode IN ('upsert', 'full', 'incremental')),
    file       text NOT NULL,
    file_name  text NOT NULL,
    file_bytes bigint NOT NULL,
    layout     jsonb NOT NULL,
    mapping    jsonb NOT NULL,
    watermark  text,
    since      text,
    repeats    bigint,
    source     text NOT NULL,
    account    uuid,
    progress   jsonb NOT NULL,
    error_zh   text,
    error_en   text,
    created    timestamptz NOT NULL,
    started    timestamptz,
    finished   timestamptz
);
CREATE INDEX load_dataset ON registry.load (dataset, number DESC);
CREATE INDEX load_file ON registry.load (dataset, file);

-- Every row that was not taken in, with the reason. What stood in the row is sealed.
CREATE TABLE registry.load_fault (
    load      uuid NOT NULL REFERENCES registry.load (id) ON DELETE CASCADE,
    number    bigint NOT NULL,
    line      bigint NOT NULL,
    field     text,
    raw       text NOT NULL,
    reason_zh text NOT NULL,
    reason_en text NOT NULL,
    PRIMARY KEY (load, number)
);
