-- Makes a load of a file.
INSERT INTO registry.load
    (id, number, dataset, state, mode, file, file_name, file_bytes, layout, mapping, repeats, source, account, progress, created)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
