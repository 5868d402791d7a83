-- Reporting up. No row of a case is kept here: what was sent stands as a digest, so that it is known what changed.
CREATE TABLE reporting.run (
    id uuid PRIMARY KEY,
    batch text NOT NULL UNIQUE,
    from_day date NOT NULL,
    to_day date NOT NULL,
    ordered_by text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    tables jsonb NOT NULL,
    manifest text NOT NULL,
    left_out bigint NOT NULL
);
CREATE INDEX run_at ON reporting.run (at DESC);

CREATE TABLE reporting.sent (
    table_name text NOT NULL,
    guid text NOT NULL,
    subject text NOT NULL,
    digest text NOT NULL,
    run uuid NOT NULL REFERENCES reporting.run,
    PRIMARY KEY (table_name, guid)
);
CREATE INDEX sent_subject ON reporting.sent (subject);

-- Rows that were left out, with all that is wrong with them and never the value.
CREATE TABLE reporting.fault (
    run uuid NOT NULL REFERENCES reporting.run,
    table_name text NOT NULL,
    guid text NOT NULL,
    subject text NOT NULL,
    field text NOT NULL,
    title text NOT NULL,
    rule text NOT NULL,
    mend_zh text NOT NULL,
    mend_en text NOT NULL,
    PRIMARY KEY (run, table_name, guid, field, rule)
);

-- What the platform above says is wrong, in the shape of dn_audit_abnormal.
CREATE TABLE reporting.feedback (
    guid text PRIMARY KEY,
    table_name text NOT NULL,
    row_guid text NOT NULL,
    kind text NOT NULL,
    remark text NOT NULL,
    batch text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX feedback_at ON reporting.feedback (at DESC);
