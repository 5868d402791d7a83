WITH found AS (
    (SELECT t.id, coalesce(t.due_day, 'infinity'::date) AS due, t.opened_at
     FROM casework.todo t
     WHERE $4 AND t.closed_at IS NULL AND t.side = 'office' AND t.assignee = $2 AND t.department = $1
       AND ($17::text IS NULL OR t.role = $17)
       AND coalesce(t.due_day, 'infinity'::date) BETWEEN $8::text::date AND $9::text::date
       AND (coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id) > ($13::text::date, $14, $15)
       AND ($10 = 0 OR ($10 = 1) = EXISTS (SELECT FROM casework.suspension s WHERE s."case" = t."case" AND s.to_day IS NULL))
       AND ($11::text IS NULL OR EXISTS (SELECT FROM casework."case" c WHERE c.no = t."case" AND c.kind = $11))
       AND (NOT $12 OR EXISTS (SELECT FROM casework.urge u WHERE u."case" = t."case"))
     ORDER BY coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id LIMIT $16)
    UNION ALL
    SELECT f.* FROM unnest($3::text[]) AS r (role) CROSS JOIN LATERAL
    (SELECT t.id, coalesce(t.due_day, 'infinity'::date) AS due, t.opened_at
     FROM casework.todo t
     WHERE $5 AND t.closed_at IS NULL AND t.side = 'office' AND t.assignee IS NULL AND t.department = $1 AND t.role = r.role
       AND ($17::text IS NULL OR t.role = $17)
       AND coalesce(t.due_day, 'infinity'::date) BETWEEN $8::text::date AND $9::text::date
       AND (coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id) > ($13::text::date, $14, $15)
       AND ($10 = 0 OR ($10 = 1) = EXISTS (SELECT FROM casework.suspension s WHERE s."case" = t."case" AND s.to_day IS NULL))
       AND ($11::text IS NULL OR EXISTS (SELECT FROM casework."case" c WHERE c.no = t."case" AND c.kind = $11))
       AND (NOT $12 OR EXISTS (SELECT FROM casework.urge u WHERE u."case" = t."case"))
     ORDER BY coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id LIMIT $16) f
    UNION ALL
    (SELECT t.id, coalesce(t.due_day, 'infinity'::date) AS due, t.opened_at
     FROM casework.todo t
     WHERE $6 AND t.closed_at IS NULL AND t.side = 'office' AND t.department = $1 AND ($18 OR t.role = ANY ($3))
       AND ($17::text IS NULL OR t.role = $17)
       AND coalesce(t.due_day, 'infinity'::date) BETWEEN $8::text::date AND $9::text::date
       AND (coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id) > ($13::text::date, $14, $15)
       AND ($10 = 0 OR ($10 = 1) = EXISTS (SELECT FROM casework.suspension s WHERE s."case" = t."case" AND s.to_day IS NULL))
       AND ($11::text IS NULL OR EXISTS (SELECT FROM casework."case" c WHERE c.no = t."case" AND c.kind = $11))
       AND (NOT $12 OR EXISTS (SELECT FROM casework.urge u WHERE u."case" = t."case"))
     ORDER BY coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id LIMIT $16)
    UNION ALL
    (SELECT t.id, coalesce(t.due_day, 'infinity'::date) AS due, t.opened_at
     FROM casework.todo t
     WHERE $7 AND t.closed_at IS NULL AND t.side = 'applicant' AND t.department = $1
       AND (t.due_day IS NOT NULL OR 'supply' = ANY (t.outcomes))
       AND coalesce(t.due_day, 'infinity'::date) BETWEEN $8::text::date AND $9::text::date
       AND (coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id) > ($13::text::date, $14, $15)
       AND ($10 = 0 OR ($10 = 1) = EXISTS (SELECT FROM casework.suspension s WHERE s."case" = t."case" AND s.to_day IS NULL))
       AND ($11::text IS NULL OR EXISTS (SELECT FROM casework."case" c WHERE c.no = t."case" AND c.kind = $11))
       AND (NOT $12 OR EXISTS (SELECT FROM casework.urge u WHERE u."case" = t."case"))
     ORDER BY coalesce(t.due_day, 'infinity'::date), t.opened_at, t.id LIMIT $16)
), page AS (
    SELECT id, due, opened_at FROM found ORDER BY due, opened_at, id LIMIT $16
)
