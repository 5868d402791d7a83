-- Backups and drills, the latest first.
SELECT id, kind, started, finished, ok, error, path, backup, instant, bytes, plain_bytes, files, entries,
       rpo_seconds, rto_seconds
FROM backup.run
ORDER BY started DESC, id DESC
LIMIT $1 OFFSET $2
