-- When what a case held about people was taken away, because its time was over. The number, the dates and the
-- decision stay for the record and for counting.
ALTER TABLE casework."case" ADD COLUMN retired_at timestamptz;
CREATE INDEX case_retire ON casework."case" (kind, closed_at) WHERE retired_at IS NULL AND closed_at IS NOT NULL;
