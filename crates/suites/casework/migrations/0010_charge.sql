-- What an applicant was charged. Each charge is a row with what the list said on its day; what was recorded is not changed.
CREATE TABLE casework.charge (
    "case" text NOT NULL REFERENCES casework."case",
    seq integer NOT NULL,
    -- The name of the fee in the case type; none where it stands on no list.
    item text,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    basis_zh text,
    basis_en text,
    -- In fen.
    amount bigint NOT NULL CHECK (amount > 0),
    -- What the list said of all of this item on that day, in fen; none where it says nothing.
    listed bigint CHECK (listed >= 0),
    receipt text NOT NULL,
    charged_on date NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY ("case", seq),
    CHECK ((basis_zh IS NULL) = (basis_en IS NULL) AND (item IS NOT NULL OR listed IS NULL))
);
-- A receipt is entered once for an item.
CREATE UNIQUE INDEX charge_receipt ON casework.charge ("case", coalesce(item, ''), receipt);
