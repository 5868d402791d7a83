-- The state after some commands, and the commands.
WITH moved AS (
    UPDATE process.instance
    SET state = $2, definition = $3, ended_at = coalesce(ended_at, $4), commands = commands + cardinality($5::jsonb[])
    WHERE id = $1
    RETURNING commands - cardinality($5::jsonb[]) AS before
)
INSERT INTO process.history (instance, seq, command, node, at, actor)
SELECT $1, moved.before + c.place, c.command, c.node, $7, $8
FROM moved, unnest($5::jsonb[], $6::text[]) WITH ORDINALITY AS c (command, node, place)
