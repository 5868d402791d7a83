SELECT change.number, change.pack, change.digest, change.reason, change.name, change.at, file.path, file.bytes
FROM (
    SELECT DISTINCT ON (pack) number, pack, removed, digest, reason, name, at
    FROM setting.pack_change
    ORDER BY pack, number DESC
) AS change
JOIN setting.pack_file AS file ON file.number = change.number
WHERE NOT change.removed
ORDER BY change.pack, file.path
