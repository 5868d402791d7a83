-- What a resource names, and what names it, with the address and the title of what is in force.
SELECT t.kind, t.code, s.slug, s.title_zh, s.title_en
FROM catalog.tie t LEFT JOIN catalog.shown s ON s.code = t.code
WHERE t.resource = $1
UNION ALL
SELECT CASE t.kind WHEN 'source' THEN 'product' ELSE 'related' END, s.code, s.slug, s.title_zh, s.title_en
FROM catalog.tie t JOIN catalog.shown s ON s.resource = t.resource
WHERE t.code = $2
  AND NOT (t.kind = 'related' AND EXISTS (SELECT FROM catalog.tie b
    WHERE b.resource = $1 AND b.kind = 'related' AND b.code = s.code))
ORDER BY 1, 2 LIMIT $3
