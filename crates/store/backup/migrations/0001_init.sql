-- What was backed up, restored and proved.
CREATE TABLE backup.run (
    id        uuid        PRIMARY KEY,
    -- backup: a copy was taken. drill: the newest copy was restored and proved.
    kind      text        NOT NULL CHECK (kind IN ('backup', 'drill')),
    started   timestamptz NOT NULL,
    -- Absent while it runs, and for ever when the machine died meanwhile.
    finished  timestamptz,
    ok        boolean,
    error     text,
    -- The file, and which backup it is.
    path      text,
    backup    text,
    -- The instant of the backup.
    instant   timestamptz,
    bytes     bigint,
    plain_bytes bigint,
    files     bigint,
    entries   bigint,
    -- Of a drill: what would have been lost, and how long the city would have been away.
    rpo_seconds double precision,
    rto_seconds double precision
);
CREATE INDEX run_started ON backup.run (started DESC);
CREATE INDEX run_kind ON backup.run (kind, started DESC) WHERE ok;
