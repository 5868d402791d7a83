-- The drafts that are open are listed on the applicant's page, the latest first; those handed in are many more in time.
CREATE INDEX draft_open ON form.draft (owner, updated DESC, id DESC) WHERE submitted_case IS NULL;
CREATE INDEX draft_open_organisation ON form.draft (owner_organisation, updated DESC, id DESC)
WHERE submitted_case IS NULL AND owner_organisation IS NOT NULL;
DROP INDEX form.draft_owner;
DROP INDEX form.draft_owner_organisation;
