-- Every change of a setting. The last row of a key is in force; a row without a value says: the default again.
CREATE TABLE setting.change (
    number  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key     text        NOT NULL,
    value   jsonb,
    reason  text        NOT NULL,
    account uuid,
    name    text        NOT NULL,
    at      timestamptz NOT NULL,
    -- The change that this one takes back.
    reverts bigint      REFERENCES setting.change (number)
);
CREATE INDEX change_key ON setting.change (key, number DESC);
