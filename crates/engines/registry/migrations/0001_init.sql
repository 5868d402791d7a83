-- Records as they were before they changed. The tables of datasets themselves stand in this schema under
-- names with a colon, `registry."pack:dataset"`, and are made from the declarations of packs.
CREATE TABLE registry.past (
    id       uuid PRIMARY KEY,
    dataset  text NOT NULL,
    record   uuid NOT NULL,
    content  jsonb NOT NULL,
    source   text NOT NULL,
    by_case  text,
    since    timestamptz NOT NULL,
    until    timestamptz NOT NULL
);
CREATE INDEX past_record ON registry.past (dataset, record, until DESC);
