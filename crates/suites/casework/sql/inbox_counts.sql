WITH mine AS (
    SELECT t."case", coalesce(t.due_day, 'infinity'::date) AS due FROM casework.todo t
    WHERE t.closed_at IS NULL AND t.side = 'office' AND t.assignee = $2 AND t.department = $1
    ORDER BY coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id LIMIT $7
), free AS (
    SELECT f.* FROM unnest($3::text[]) AS r (role) CROSS JOIN LATERAL
    (SELECT t."case", coalesce(t.due_day, 'infinity'::date) AS due FROM casework.todo t
     WHERE t.closed_at IS NULL AND t.side = 'office' AND t.assignee IS NULL AND t.department = $1 AND t.role = r.role
     ORDER BY coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id LIMIT $7) f
), pressing AS (
    SELECT due FROM (SELECT * FROM mine UNION ALL SELECT * FROM free) t
    WHERE due <= $5
      AND NOT EXISTS (SELECT FROM casework.suspension s WHERE s."case" = t."case" AND s.to_day IS NULL)
)
SELECT least($7, (SELECT count(*) FROM mine) + (SELECT count(*) FROM free)) AS every,
       (SELECT count(*) FROM mine) AS mine,
       least($7, (SELECT count(*) FROM free)) AS free,
       least($7, (SELECT count(*) FROM pressing WHERE due < $4)) AS over,
       least($7, (SELECT count(*) FROM pressing WHERE due >= $4)) AS near,
       (SELECT count(*) FROM (SELECT FROM casework.todo t
         WHERE t.closed_at IS NULL AND t.side = 'applicant' AND t.department = $1
           AND (t.due_day IS NOT NULL OR 'supply' = ANY (t.outcomes)) LIMIT $7) t) AS correcting,
       (SELECT count(*) FROM (SELECT FROM casework.todo t
         WHERE t.closed_at IS NULL AND t.side = 'office' AND t.department = $1 AND ($6 OR t.role = ANY ($3)) LIMIT $7) t) AS unit
