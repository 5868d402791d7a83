SELECT f."case", f.card, f.at, f.department_name, c.title_zh, c.title_en, c.state, c.accepted_at, c.due_day,
       c.decided_at, k.state AS card_state, k.rule_title_zh, k.rule_title_en, k.title_zh AS card_title_zh,
       k.title_en AS card_title_en, count(*) OVER () AS total
FROM supervision.figure f
LEFT JOIN supervision."case" c ON c.no = f."case"
LEFT JOIN supervision.card k ON k.no = f.card
WHERE f.what = $1 AND ($2::uuid IS NULL OR f.department = $2) AND f.at >= $3 AND f.at < $4 AND f.at <= $5
ORDER BY f.at DESC, f."case", f.card
LIMIT $6 OFFSET $7
