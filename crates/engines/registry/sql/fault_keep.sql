-- Keeps the rows of a file that were not taken in.
INSERT INTO registry.load_fault (load, number, line, field, raw, reason_zh, reason_en)
SELECT $1, fault.number, fault.line, fault.field, fault.raw, fault.zh, fault.en
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS fault (number, line, field, raw, zh, en)
