-- Names of persons stand sealed too, in the column in which they stood plain; who knows a whole name finds it by its
-- index. Lists are put in the order of names after they were opened.
ALTER TABLE party.person ADD COLUMN name_index bytea;
DROP INDEX party.person_name;
CREATE INDEX person_name_index ON party.person (name_index);
-- Empty once everything is sealed, so that a start does not read all persons to learn that nothing is left to do.
CREATE INDEX person_plain ON party.person (id)
    WHERE id_number IS NOT NULL OR phone IS NOT NULL OR name NOT LIKE 'sealed:5a01%';
