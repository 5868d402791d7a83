-- How good the records of a dataset are, each time it was looked at.
CREATE TABLE registry.quality_run (
    id           uuid PRIMARY KEY,
    dataset      text NOT NULL,
    records      bigint NOT NULL,
    completeness double precision NOT NULL,
    consistency  double precision NOT NULL,
    timeliness   double precision NOT NULL,
    results      jsonb NOT NULL,
    at           timestamptz NOT NULL
);
CREATE INDEX quality_run_dataset ON registry.quality_run (dataset, at DESC);

-- Every record that broke a rule when its dataset was last looked at.
CREATE TABLE registry.quality_fault (
    run    uuid NOT NULL REFERENCES registry.quality_run (id) ON DELETE CASCADE,
    rule   text NOT NULL,
    record uuid NOT NULL,
    PRIMARY KEY (run, rule, record)
);
