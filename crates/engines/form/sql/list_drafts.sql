-- Drafts that were not submitted: those of an organisation, or of a person for themselves; the latest first.
SELECT id, form, item, owner, owner_organisation, created, updated, expires
FROM form.draft
WHERE
    submitted_case IS NULL AND expires > $3
    AND CASE
        WHEN $2::uuid IS NULL THEN owner = $1 AND owner_organisation IS NULL
        ELSE owner_organisation = $2
    END
ORDER BY updated DESC, id DESC
LIMIT $4
