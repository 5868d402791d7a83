-- The standbys that stream from this database.
SELECT application_name AS name, state, sync_state AS sync,
       COALESCE(pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn), 0)::bigint AS lag_bytes
FROM pg_stat_replication
WHERE application_name NOT IN ('zhengtong-backup', 'pg_basebackup')
ORDER BY application_name
LIMIT 100
