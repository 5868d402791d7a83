-- How it went with each place that files come from.
SELECT id, looked, tag, load, error_zh, error_en, failing_since FROM registry.feed
