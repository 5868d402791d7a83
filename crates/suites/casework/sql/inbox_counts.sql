SELECT count(*) AS every,
       count(*) FILTER (WHERE t.assignee = $2) AS mine,
       count(*) FILTER (WHERE t.assignee IS NULL) AS free,
       count(*) FILTER (WHERE t.due_day < $4) AS over,
       count(*) FILTER (WHERE t.due_day BETWEEN $4 AND $5) AS near
FROM casework.todo t
WHERE t.closed_at IS NULL
  AND t.department = $1
  AND (t.assignee = $2 OR (t.assignee IS NULL AND t.role = ANY ($3)))
