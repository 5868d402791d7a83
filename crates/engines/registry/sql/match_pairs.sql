-- $1 group, $2 states, $3 limit, $4 offset
SELECT left_record, right_record, weight, state, found, decided, decided_by, reason
FROM registry.match_pair
WHERE grp = $1 AND state = ANY ($2)
ORDER BY decided DESC NULLS FIRST, weight DESC, left_record, right_record
LIMIT $3 OFFSET $4
