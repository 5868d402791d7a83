-- Of some records, each with a day, the earlier version that held on it as was known at a moment.
SELECT found.id, wanted.record, found.content, found.source, found.by_case, found.since, found.until, false AS ended,
       found.struck_at, found.struck_why, found.holds_from
FROM unnest($2::uuid[], $3::date[]) AS wanted (record, day)
CROSS JOIN LATERAL (
    SELECT past_.id, past_.content, past_.source, past_.by_case, past_.since, past_.until, past_.struck_at, past_.struck_why, told.holds_from
    FROM registry.past AS past_
    CROSS JOIN LATERAL (SELECT coalesce((past_.content ->> $4::text)::date, past_.valid_from,
                               (past_.since AT TIME ZONE 'Asia/Shanghai')::date)) AS told (holds_from)
    WHERE past_.dataset = $1 AND past_.record = wanted.record AND past_.ended_key IS NULL
      AND past_.since <= $5 AND told.holds_from <= wanted.day
      AND (past_.struck_at IS NULL OR past_.struck_at > $5)
      AND NOT EXISTS (SELECT FROM registry.past AS end_
                      WHERE end_.dataset = $1 AND end_.record = wanted.record AND end_.ended_key IS NOT NULL
                        AND end_.since <= $5 AND end_.valid_from <= wanted.day AND end_.since >= past_.since)
    ORDER BY told.holds_from DESC, past_.since DESC, past_.place DESC
    LIMIT 1
) AS found
