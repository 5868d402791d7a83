SELECT
    job.queued, job.failing, job.running, job.due_since,
    (SELECT count(*) FROM db.dead_letter) AS dead,
    outbox.outbox, outbox.outbox_since,
    pg_database_size(current_database()) AS bytes
FROM
    (SELECT
        count(*) AS queued,
        count(*) FILTER (WHERE attempts > 0 AND error IS NOT NULL) AS failing,
        count(*) FILTER (WHERE locked_until > $1) AS running,
        min(due) FILTER (WHERE due <= $1) AS due_since
     FROM db.job) AS job,
    (SELECT count(*) AS outbox, min(at) AS outbox_since FROM db.outbox) AS outbox
