-- Names and words of cases stand sealed in the columns in which they stood plain. The index is empty once everything
-- is sealed, so that a start does not read all cases to learn that nothing is left to do.
CREATE INDEX case_plain ON casework."case" (no) WHERE person_name <> '' AND person_name NOT LIKE 'sealed:5a01%';

-- Whether a file is still named is asked every night.
CREATE INDEX material_digest ON casework.material (digest) WHERE digest IS NOT NULL;
