-- A late version takes the place of an earlier one for the same day.
UPDATE registry.past
SET until = $4
WHERE dataset = $1 AND record = $2 AND until IS NULL AND ended_key IS NULL AND struck_at IS NULL AND valid_from = $3
