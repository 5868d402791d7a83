-- Papers of the office's own: who added them, for which department, at which step.
ALTER TABLE casework.material
    ADD COLUMN added_by text,
    ADD COLUMN added_in uuid,
    ADD COLUMN node text,
    ADD COLUMN step_zh text,
    ADD COLUMN step_en text;
ALTER TABLE casework.material
    ADD CONSTRAINT material_added CHECK ((added_by IS NULL) = (added_in IS NULL) AND (added_in IS NULL) = (node IS NULL)
        AND (node IS NULL) = (step_zh IS NULL) AND (step_zh IS NULL) = (step_en IS NULL));

-- A changed limit holds for clocks that start on a day or later. Of changes without a day it is the moment that decides.
ALTER TABLE casework.clock_change ADD COLUMN from_day date;
