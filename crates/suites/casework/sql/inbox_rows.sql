SELECT t.*, c.kind AS case_kind, c.title_zh AS case_title_zh, c.title_en AS case_title_en,
       coalesce(c.organisation_name, c.person_name) AS applicant,
       c.state AS case_state, c.promised_days, c.accepted_at, c.submitted_at,
       s.kind AS stop_kind, s.from_day AS stop_from,
       u.times AS urge_times, u.last AS urge_last, p.name AS looking
FROM page
JOIN casework.todo t ON t.id = page.id
JOIN casework."case" c ON c.no = t."case"
LEFT JOIN LATERAL (SELECT s.kind, s.from_day FROM casework.suspension s
                   WHERE s."case" = t."case" AND s.to_day IS NULL LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT count(*) AS times, max(u.day) AS last FROM casework.urge u WHERE u."case" = t."case") u ON true
LEFT JOIN LATERAL (SELECT p.name FROM casework.presence p
                   WHERE p."case" = t."case" AND p.at > $19 AND p.account <> $2 ORDER BY p.since LIMIT 1) p ON true
ORDER BY page.due, page.opened_at, page.id
