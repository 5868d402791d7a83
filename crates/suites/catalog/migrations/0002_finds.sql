-- By what resources are found: their words, and with the sign # before them the choices that narrow a search, so that one
-- look into one index answers both. Two looks would each bring all that fits the one or the other.
ALTER TABLE catalog.shown ADD COLUMN finds tsvector NOT NULL GENERATED ALWAYS AS (words || array_to_tsvector(ARRAY[
    '#p' || provider, '#c' || left(class, 1), '#c' || left(class, 3), '#c' || left(class, 6),
    '#s' || sharing, '#o' || openness, '#y' || cycle, '#f' || format])) STORED;
DROP INDEX catalog.shown_words;
CREATE INDEX shown_finds ON catalog.shown USING gin (finds);
-- Common pairs of characters are told from rare ones, so that each search is planned well.
ALTER TABLE catalog.shown ALTER COLUMN words SET STATISTICS 0, ALTER COLUMN finds SET STATISTICS 1000;
