-- $1 group, $2 record, $3 most records of a key
SELECT DISTINCT other_.record, other_.dataset
FROM registry.match_key AS own_
JOIN registry.match_key AS other_
  ON other_.grp = own_.grp AND other_.pass = own_.pass AND other_.key = own_.key AND other_.record <> own_.record
WHERE own_.grp = $1 AND own_.record = $2
  AND (SELECT count(*) FROM (SELECT FROM registry.match_key AS all_
       WHERE all_.grp = own_.grp AND all_.pass = own_.pass AND all_.key = own_.key LIMIT $3 + 1) AS some_) <= $3
ORDER BY other_.record
LIMIT 5000
