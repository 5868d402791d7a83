-- Running numbers: how far a series has come, and those laid ready for the next to come.
CREATE TABLE db.series (
    name text PRIMARY KEY,
    last bigint NOT NULL CHECK (last > 0)
);

CREATE TABLE db.number (
    series text NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (series, number)
);
