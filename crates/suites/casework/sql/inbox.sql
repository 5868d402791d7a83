SELECT t.id, t."case" AS "case", t.task, t.node, t.title_zh, t.title_en, t.role, t.side, t.outcomes,
       t.assignee, t.assignee_name, t.opened_at, t.due_day, t.department,
       c.kind, c.title_zh AS case_title_zh, c.title_en AS case_title_en,
       coalesce(c.organisation_name, c.person_name) AS applicant,
       c.state, c.promised_days, c.accepted_at, c.submitted_at,
       s.kind AS stop_kind, s.from_day AS stop_from,
       count(*) OVER () AS total
FROM casework.todo t
JOIN casework."case" c ON c.no = t."case"
LEFT JOIN casework.suspension s ON s."case" = t."case" AND s.to_day IS NULL
WHERE t.closed_at IS NULL
  AND t.department = $1
  AND CASE WHEN $4 = 'correcting' THEN t.side = 'applicant'
           ELSE t.side = 'office' AND (t.assignee = $2 OR (t.assignee IS NULL AND t.role = ANY ($3))) END
  AND ($4 IN ('all', 'correcting')
       OR ($4 = 'mine' AND t.assignee = $2)
       OR ($4 = 'free' AND t.assignee IS NULL)
       OR ($4 = 'over' AND t.due_day < $5 AND s."case" IS NULL)
       OR ($4 = 'near' AND t.due_day BETWEEN $5 AND $6 AND s."case" IS NULL))
ORDER BY t.due_day NULLS LAST, t.opened_at, t.id
LIMIT $7 OFFSET $8
