-- $1 group, $2 records: who is joined to them by a pair, or is in one entity with them
SELECT right_record FROM registry.match_pair
WHERE grp = $1 AND left_record = ANY ($2) AND state IN ('joined', 'same')
UNION SELECT left_record FROM registry.match_pair
WHERE grp = $1 AND right_record = ANY ($2) AND state IN ('joined', 'same')
UNION SELECT other_.record FROM registry.entity_member AS own_
JOIN registry.entity_member AS other_ ON other_.grp = own_.grp AND other_.entity = own_.entity
WHERE own_.grp = $1 AND own_.record = ANY ($2)
