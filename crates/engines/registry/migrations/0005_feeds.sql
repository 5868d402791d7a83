-- Places outside from which files come by themselves. What they are stands in the configuration; here stands how it went.
CREATE TABLE registry.feed (
    id            text PRIMARY KEY,
    looked        timestamptz NOT NULL,
    -- What the other side calls the version that was taken last.
    tag           text,
    -- The number of the load that its last file became.
    load          bigint,
    error_zh      text,
    error_en      text,
    failing_since timestamptz
);
