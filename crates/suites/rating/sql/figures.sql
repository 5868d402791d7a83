-- What ratings come to by department and item in a period. Nobody who rated is read.
WITH contacts AS (
    SELECT department, coalesce(item, '') AS item, count(*) AS contacts
    FROM rating.contact WHERE day BETWEEN $1 AND $2 GROUP BY department, coalesce(item, '')
), ratings AS (
    SELECT r.department, coalesce(r.item, '') AS item,
        count(*) FILTER (WHERE NOT r.excluded) AS rated,
        count(*) FILTER (WHERE NOT r.excluded AND r.level = 1) AS one,
        count(*) FILTER (WHERE NOT r.excluded AND r.level = 2) AS two,
        count(*) FILTER (WHERE NOT r.excluded AND r.level = 3) AS three,
        count(*) FILTER (WHERE NOT r.excluded AND r.level = 4) AS four,
        count(*) FILTER (WHERE NOT r.excluded AND r.level = 5) AS five,
        count(*) FILTER (WHERE r.excluded) AS excluded,
        count(m.no) FILTER (WHERE NOT r.excluded) AS bad,
        count(m.no) FILTER (WHERE NOT r.excluded AND m.state = 'closed') AS rectified,
        count(m.no) FILTER (WHERE NOT r.excluded AND m.answered) AS answered,
        count(m.no) FILTER (WHERE NOT r.excluded AND m.called_back) AS called_back,
        count(m.no) FILTER (WHERE NOT r.excluded AND m.in_time IS NOT NULL) AS judged,
        count(m.no) FILTER (WHERE NOT r.excluded AND m.in_time) AS in_time
    FROM rating.rating r LEFT JOIN rating.matter m ON m.rating = r.id
    WHERE r.day BETWEEN $1 AND $2 GROUP BY r.department, coalesce(r.item, '')
)
SELECT department, item, coalesce(contacts, 0) AS contacts, coalesce(rated, 0) AS rated,
    coalesce(one, 0) AS one, coalesce(two, 0) AS two, coalesce(three, 0) AS three, coalesce(four, 0) AS four,
    coalesce(five, 0) AS five, coalesce(excluded, 0) AS excluded, coalesce(bad, 0) AS bad,
    coalesce(rectified, 0) AS rectified, coalesce(answered, 0) AS answered,
    coalesce(called_back, 0) AS called_back, coalesce(judged, 0) AS judged, coalesce(in_time, 0) AS in_time
FROM contacts FULL JOIN ratings USING (department, item)
ORDER BY department, item LIMIT 5000
