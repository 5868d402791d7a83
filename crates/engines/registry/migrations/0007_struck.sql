-- When a version was struck out, and why. Without a reason it was told again at that moment, because another was struck out
-- that had taken its place: it stands in the table or in a later row.
ALTER TABLE registry.past ADD COLUMN struck_at timestamptz;
ALTER TABLE registry.past ADD COLUMN struck_why text CHECK (struck_why IS NULL OR struck_at IS NOT NULL);
