-- Whether a file is still named is asked every night.
CREATE INDEX file_digest ON form.file (digest);
