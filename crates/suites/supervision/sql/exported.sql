SELECT k.no, k.rule, k.level, k."case", k.item, k.department_name, k.why_zh, k.rule_title_zh, k.state, k.occurred_at,
       s.at AS issued_at
FROM supervision.card k
LEFT JOIN supervision.step s ON s.card = k.id AND s.kind = 'notified'
WHERE k.occurred_at >= $1 AND k.occurred_at < $2
ORDER BY k.no
LIMIT $3
