-- Messages as they were told; the words are kept, so that a later template changes none.

CREATE TABLE notice.message (
    id           uuid        PRIMARY KEY,
    -- To exactly one: a person, an organisation's agents, the holders of a post.
    person       uuid,
    organisation uuid,
    post         uuid,
    -- The template as pack:name.
    template     text        NOT NULL,
    title_zh     text        NOT NULL,
    title_en     text        NOT NULL,
    body_zh      text        NOT NULL,
    body_en      text        NOT NULL,
    -- A page of this platform.
    link         text        CHECK (link LIKE '/%' AND link NOT LIKE '//%'),
    created      timestamptz NOT NULL,
    read_at      timestamptz,
    -- Who read it first.
    read_by      uuid,
    -- One event sends one message to one recipient, however often it is handed on.
    once         text,
    CHECK (num_nonnulls(person, organisation, post) = 1)
);

CREATE UNIQUE INDEX message_once ON notice.message
    (once, template, coalesce(person, organisation, post)) WHERE once IS NOT NULL;
CREATE INDEX message_person ON notice.message (person, created DESC) WHERE person IS NOT NULL;
CREATE INDEX message_organisation ON notice.message (organisation, created DESC)
    WHERE organisation IS NOT NULL;
CREATE INDEX message_post ON notice.message (post, created DESC) WHERE post IS NOT NULL;
CREATE INDEX message_unread ON notice.message (coalesce(person, organisation, post))
    WHERE read_at IS NULL;
