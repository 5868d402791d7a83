-- What this database is.
SELECT COALESCE((SELECT system_identifier::text FROM pg_control_system()), '') AS system,
       current_setting('server_version') AS postgres,
       COALESCE((SELECT (value #>> '{}')::bigint FROM db.setting WHERE name = 'cluster.epoch'), 1) AS epoch,
       (SELECT count(*) FROM ledger.entry) AS entries
