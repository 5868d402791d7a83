-- $1 group
SELECT (SELECT count(*) FROM registry.entity_member WHERE grp = $1),
       (SELECT count(*) FROM registry.entity WHERE grp = $1 AND gone IS NULL),
       (SELECT count(*) FROM registry.match_pair WHERE grp = $1 AND state = 'doubtful')
