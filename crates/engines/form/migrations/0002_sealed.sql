-- What a person writes into a draft stands sealed as a whole: nobody but its owner has a reason to read it,
-- and no statement asks for a part of it. The plain columns are emptied when the server starts.
ALTER TABLE form.draft ADD COLUMN sealed bytea;
