-- Ratings (好差评): one for each case; the rated never see who rated.
CREATE TABLE service.rating (
    "case" text PRIMARY KEY,
    item text NOT NULL,
    department uuid NOT NULL,
    person uuid NOT NULL,
    score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    words text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX rating_item ON service.rating (item, at DESC);

-- Searches that found nothing, so that words can be added; never who searched.
CREATE TABLE service.miss (
    day date NOT NULL,
    query text NOT NULL,
    times integer NOT NULL DEFAULT 1,
    PRIMARY KEY (day, query)
);
