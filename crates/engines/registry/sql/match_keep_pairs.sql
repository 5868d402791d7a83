-- $1 group, $2 smaller records, $3 larger records, $4 weights, $5 states, $6 now
INSERT INTO registry.match_pair (grp, left_record, right_record, weight, state, found)
SELECT $1, left_record, right_record, weight, state, $6
FROM unnest($2::uuid[], $3::uuid[], $4::float8[], $5::text[]) AS new_ (left_record, right_record, weight, state)
ON CONFLICT (grp, left_record, right_record) DO UPDATE SET
    weight = EXCLUDED.weight,
    state = CASE WHEN match_pair.decided IS NULL THEN EXCLUDED.state ELSE match_pair.state END
