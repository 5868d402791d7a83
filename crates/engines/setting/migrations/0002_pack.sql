-- Packs that were put in, replaced or taken out while the platform runs. The last row of a pack is in force; one that is
-- removed leaves what the program brought, or what stands in the folder of packs.
CREATE TABLE setting.pack_change (
    number  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pack    text        NOT NULL,
    removed boolean     NOT NULL,
    digest  text        NOT NULL,
    reason  text        NOT NULL,
    account uuid,
    name    text        NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX pack_change_pack ON setting.pack_change (pack, number DESC);

CREATE TABLE setting.pack_file (
    number bigint NOT NULL REFERENCES setting.pack_change (number),
    path   text   NOT NULL,
    bytes  bytea  NOT NULL,
    PRIMARY KEY (number, path)
);
