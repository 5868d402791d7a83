-- Whether any record of a dataset ended.
SELECT EXISTS (SELECT FROM registry.past WHERE dataset = $1 AND ended_key IS NOT NULL)
