SELECT k.department, k.department_name,
       count(*) FILTER (WHERE k.level = 'yellow' AND k.state <> 'revoked') AS yellow,
       count(*) FILTER (WHERE k.level = 'red' AND k.state <> 'revoked') AS red,
       count(*) FILTER (WHERE k.urges > 0 AND k.state <> 'revoked') AS urged,
       count(*) FILTER (WHERE k.proposal IS NOT NULL AND k.state <> 'revoked') AS proposals
FROM supervision.card k
WHERE k.occurred_at >= $1 AND k.occurred_at < $2 AND k.occurred_at <= $3
GROUP BY k.department, k.department_name
ORDER BY k.department_name, k.department
LIMIT 1000
