-- Which records of a group of datasets are about the same. Candidates are found by blind indexes of keys; what was
-- learned is sealed.
CREATE TABLE registry.match_group (
    id          text PRIMARY KEY,
    model       bytea,
    plan        text,
    learned     timestamptz,
    records     bigint NOT NULL DEFAULT 0,
    next_entity bigint NOT NULL DEFAULT 1,
    error_zh    text,
    error_en    text
);

CREATE TABLE registry.match_key (
    grp     text NOT NULL,
    record  uuid NOT NULL,
    pass    smallint NOT NULL,
    key     bytea NOT NULL,
    dataset text NOT NULL,
    PRIMARY KEY (grp, record, pass)
);
CREATE INDEX match_key_found ON registry.match_key (grp, pass, key);

-- Names of entities are never used again: of one that is gone it is known what it became.
CREATE TABLE registry.entity (
    grp   text NOT NULL,
    id    bigint NOT NULL,
    since timestamptz NOT NULL,
    gone  timestamptz,
    into_entity bigint,
    PRIMARY KEY (grp, id)
);

CREATE TABLE registry.entity_member (
    grp     text NOT NULL,
    record  uuid NOT NULL,
    dataset text NOT NULL,
    entity  bigint NOT NULL,
    seen    timestamptz NOT NULL,
    PRIMARY KEY (grp, record)
);
CREATE INDEX entity_member_of ON registry.entity_member (grp, entity);

CREATE TABLE registry.match_pair (
    grp          text NOT NULL,
    left_record  uuid NOT NULL,
    right_record uuid NOT NULL,
    weight       double precision NOT NULL,
    state        text NOT NULL CHECK (state IN ('joined', 'doubtful', 'same', 'different')),
    found        timestamptz NOT NULL,
    decided      timestamptz,
    decided_by   uuid,
    reason       text,
    PRIMARY KEY (grp, left_record, right_record),
    CHECK (left_record < right_record),
    CHECK ((state IN ('same', 'different')) = (decided IS NOT NULL))
);
CREATE INDEX match_pair_state ON registry.match_pair (grp, state, weight DESC);
CREATE INDEX match_pair_right ON registry.match_pair (grp, right_record);
