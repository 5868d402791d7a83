-- What the platform above says, with the case or item each row is of and whether the row was sent anew since.
SELECT f.table_name, f.row_guid, s.subject, f.kind, f.remark, f.batch, f.at,
    coalesce(r.at > f.at, false) AS mended
FROM reporting.feedback f
    LEFT JOIN reporting.sent s ON s.table_name = f.table_name AND s.guid = f.row_guid
    LEFT JOIN reporting.run r ON r.id = s.run
ORDER BY f.at DESC, f.guid LIMIT $1
