-- How many messages are unread; counting stops where a badge no longer shows the number.
SELECT count(*) FROM (
    SELECT FROM notice.message
    WHERE coalesce(person, organisation, post) = ANY ($1) AND read_at IS NULL
    LIMIT $2
) AS unread
