-- Files that belong to what somebody put down or did with a card: photographs, receipts, records. They only grow.
CREATE TABLE supervision.evidence (
    id uuid PRIMARY KEY,
    finding uuid REFERENCES supervision.finding,
    card uuid,
    step integer,
    -- Its place among those that came together.
    place integer NOT NULL,
    -- Sealed: the name the sender gave it.
    name text NOT NULL,
    digest text NOT NULL,
    size bigint NOT NULL,
    mime text NOT NULL,
    at timestamptz NOT NULL,
    FOREIGN KEY (card, step) REFERENCES supervision.step (card, seq),
    CHECK ((card IS NULL) = (step IS NULL) AND (card IS NULL) <> (finding IS NULL))
);
CREATE INDEX evidence_finding ON supervision.evidence (finding, place) WHERE finding IS NOT NULL;
CREATE INDEX evidence_card ON supervision.evidence (card, step, place) WHERE card IS NOT NULL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supervision.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();
