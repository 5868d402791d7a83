-- Who has a grant of a dataset is asked by everybody who opens its page.
CREATE INDEX granted_dataset ON sharing.granted (dataset, unit) WHERE ended_at IS NULL;
