-- $1 group, $2 records, $3 datasets, $4 entities, $5 states of the records that were looked at
INSERT INTO registry.entity_member AS member_ (grp, record, dataset, entity, seen)
SELECT $1, record, dataset, entity, coalesce(seen, '-infinity'::timestamptz)
FROM unnest($2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[]) AS new_ (record, dataset, entity, seen)
ON CONFLICT (grp, record) DO UPDATE SET
    entity = EXCLUDED.entity,
    seen = CASE WHEN EXCLUDED.seen = '-infinity' THEN member_.seen ELSE EXCLUDED.seen END
