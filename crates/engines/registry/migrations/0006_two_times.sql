-- Records in two times: the day from which a version holds, and since when the platform knows it. A version that
-- came late never stood in the table of its dataset, so nothing took its place there and it has no end.
ALTER TABLE registry.past ADD COLUMN valid_from date;
ALTER TABLE registry.past ALTER COLUMN until DROP NOT NULL;
-- Only where a row says that its record ended: the key by which the record is found again.
ALTER TABLE registry.past ADD COLUMN ended_key text;
-- Of versions that became known in one moment, the order in which they were said.
ALTER TABLE registry.past ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX past_ended ON registry.past (dataset, ended_key) WHERE ended_key IS NOT NULL;

-- Records that ended before had no such row. Their keys may stand sealed, so they have none.
DO $$
DECLARE dataset_ text;
BEGIN
    FOR dataset_ IN SELECT DISTINCT dataset FROM registry.past LOOP
        CONTINUE WHEN to_regclass(format('registry.%I', dataset_)) IS NULL;
        EXECUTE format(
            'INSERT INTO registry.past (id, dataset, record, content, source, since, valid_from, ended_key)
             SELECT gen_random_uuid(), %L, past_.record, ''{}''::jsonb, (array_agg(past_.source ORDER BY past_.until DESC))[1],
                    max(past_.until), (max(past_.until) AT TIME ZONE ''Asia/Shanghai'')::date, ''''
             FROM registry.past AS past_
             WHERE past_.dataset = %L
               AND NOT EXISTS (SELECT FROM registry.%I AS row_ WHERE row_._id = past_.record)
             GROUP BY past_.record', dataset_, dataset_, dataset_);
    END LOOP;
END
$$;
