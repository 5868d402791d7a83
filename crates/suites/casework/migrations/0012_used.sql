-- Which datasets a case took papers or answers from, or wrote to: one row each, so that how much a dataset is used is
-- counted without looking through cases.
CREATE TABLE casework.used (
    "case" text NOT NULL REFERENCES casework."case",
    dataset text NOT NULL,
    item text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY ("case", dataset)
);
CREATE INDEX used_dataset ON casework.used (dataset, item, at);

-- Of cases before this, the papers that came from a register are known. A dataset of the own pack stood without its pack.
INSERT INTO casework.used ("case", dataset, item, at)
SELECT case_.no, read_.dataset, case_.item, min(read_.at)
FROM casework."case" AS case_
CROSS JOIN LATERAL (
    SELECT CASE WHEN strpos(paper_.source, ':') > 0 THEN paper_.source
                ELSE split_part(case_.item, ':', 1) || ':' || paper_.source END AS dataset, paper_.at
    FROM casework.material AS paper_
    WHERE paper_."case" = case_.no AND paper_.source NOT IN ('applicant', 'office')
) AS read_
GROUP BY case_.no, read_.dataset, case_.item;
