-- Keys of fields, each wrapped under the master key. Without that key, which never stands here, they are noise.
CREATE TABLE vault.key (
    field     text        NOT NULL,
    kind      text        NOT NULL CHECK (kind IN ('data', 'index', 'secret')),
    version   integer     NOT NULL CHECK (version > 0),
    -- Absent once the key was destroyed: then what it sealed is gone.
    wrapped   bytea,
    created   timestamptz NOT NULL,
    -- Every node knows the key before the first one seals with it.
    active_at timestamptz NOT NULL,
    erased_at timestamptz,
    PRIMARY KEY (field, kind, version),
    CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
);

-- Grows with every change, so that nodes see in one row whether there is something new.
CREATE TABLE vault.state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    serial   bigint  NOT NULL
);

INSERT INTO vault.state (serial) VALUES (1);
