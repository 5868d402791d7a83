-- What a record said before or was told late, and when it ended, what holds from the latest day first.
SELECT id, record, content, source, by_case, since, until, ended_key IS NOT NULL AS ended, struck_at, struck_why,
       coalesce((content ->> $3::text)::date, valid_from, (since AT TIME ZONE 'Asia/Shanghai')::date) AS holds_from
FROM registry.past
WHERE dataset = $1 AND record = $2
ORDER BY holds_from DESC, since DESC, place DESC
LIMIT $4
