-- Settings and states on which durability rests.
SELECT current_setting('server_version') AS version,
       current_setting('fsync')::boolean AS fsync,
       current_setting('full_page_writes')::boolean AS full_page_writes,
       current_setting('data_checksums')::boolean AS checksums,
       COALESCE((SELECT sum(checksum_failures) FROM pg_stat_database), 0)::bigint AS checksum_failures,
       current_setting('synchronous_standby_names') AS synchronous_standby_names,
       current_setting('archive_mode') AS archive_mode,
       COALESCE((SELECT failed_count FROM pg_stat_archiver), 0)::bigint AS archive_failures,
       clock_timestamp() AS clock,
       pg_is_in_recovery() AS in_recovery,
       pg_database_size(current_database()) AS bytes
