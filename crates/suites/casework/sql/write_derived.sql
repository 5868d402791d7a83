WITH derived AS (
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::date[], $6::boolean[],
                         $7::text[], $8::timestamptz[])
        AS d (id, consumed, running_since, due_at, due_day, provisional, next_rung, next_rung_at)
), written AS (
    UPDATE casework.clock c
    SET consumed = d.consumed, running_since = d.running_since, due_at = d.due_at, due_day = d.due_day,
        provisional = d.provisional, next_rung = d.next_rung, next_rung_at = d.next_rung_at, revision = $9
    FROM derived d WHERE c.id = d.id
    RETURNING c.todo, c.due_day
)
UPDATE casework.todo t SET due_day = w.due_day
FROM written w WHERE t.id = w.todo AND t.closed_at IS NULL AND t.due_day IS DISTINCT FROM w.due_day
