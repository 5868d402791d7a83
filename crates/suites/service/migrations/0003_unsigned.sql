-- What was handed in without a login: whoever has the number and the code looks it up. Of the code only the digest is
-- kept; the address to which word goes when there is an answer stands sealed.
CREATE TABLE service.unsigned (
    "case"  text        PRIMARY KEY,
    item    text        NOT NULL,
    digest  text        NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    way     text        NOT NULL CHECK (way IN ('mail', 'sms')),
    address text        NOT NULL,
    at      timestamptz NOT NULL,
    told_at timestamptz
);
CREATE INDEX unsigned_at ON service.unsigned (at);
