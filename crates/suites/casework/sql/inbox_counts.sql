SELECT count(*) FILTER (WHERE t.side = 'office') AS every,
       count(*) FILTER (WHERE t.assignee = $2) AS mine,
       count(*) FILTER (WHERE t.side = 'office' AND t.assignee IS NULL) AS free,
       count(*) FILTER (WHERE t.side = 'office' AND t.due_day < $4 AND s."case" IS NULL) AS over,
       count(*) FILTER (WHERE t.side = 'office' AND t.due_day BETWEEN $4 AND $5 AND s."case" IS NULL) AS near,
       count(*) FILTER (WHERE t.side = 'applicant') AS correcting
FROM casework.todo t
LEFT JOIN casework.suspension s ON s."case" = t."case" AND s.to_day IS NULL
WHERE t.closed_at IS NULL
  AND t.department = $1
  AND (t.side = 'applicant' OR t.assignee = $2 OR (t.assignee IS NULL AND t.role = ANY ($3)))
