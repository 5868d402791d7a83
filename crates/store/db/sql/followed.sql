-- What a standby knows of its primary by its own copy: whether commits wait for it ($1), and how far it is behind a place
-- of the log of the primary ($2).
SELECT CASE
         WHEN NOT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming') THEN 'absent'
         WHEN EXISTS (SELECT FROM db.setting WHERE name = 'cluster.sync' AND value ? $1) THEN 'sync'
         ELSE 'async'
       END,
       greatest(pg_wal_lsn_diff($2::pg_lsn, coalesce(pg_last_wal_receive_lsn(), '0/0')), 0)::bigint
