-- Keeps how it went; failing began with the first failure in a row.
INSERT INTO registry.feed AS feed (id, looked, tag, load, error_zh, error_en, failing_since)
VALUES ($1, $2::timestamptz, $3, $4, $5, $6, CASE WHEN $5::text IS NULL THEN NULL ELSE $2::timestamptz END)
ON CONFLICT (id) DO UPDATE
SET looked = $2::timestamptz, tag = $3, load = $4, error_zh = $5, error_en = $6,
    failing_since = CASE WHEN $5::text IS NULL THEN NULL ELSE coalesce(feed.failing_since, $2::timestamptz) END
