-- Numbers of persons stand sealed: nobody who reads the tables or a copy of them reads a number. The plain
-- columns are emptied when the server starts and are dropped in a later version.
ALTER TABLE party.person
    ADD COLUMN id_number_sealed bytea,
    -- The same number has the same index, so that nobody is there twice.
    ADD COLUMN id_number_index  bytea UNIQUE,
    ADD COLUMN phone_sealed     bytea,
    ADD CONSTRAINT person_sealed CHECK (id_number IS NULL AND phone IS NULL) NOT VALID;
