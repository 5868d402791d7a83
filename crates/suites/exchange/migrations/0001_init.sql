-- Who takes part in the exchange, what they offer, who may use it, and the record of every message.

CREATE TABLE exchange.member (
    id           uuid PRIMARY KEY,
    instance     text NOT NULL,
    class        text NOT NULL CHECK (class IN ('GOV', 'PUB', 'COM')),
    code         text NOT NULL,
    name_zh      text NOT NULL,
    name_en      text NOT NULL,
    organisation uuid,
    at           timestamptz NOT NULL,
    UNIQUE (instance, class, code)
);

-- A system is proposed by one official, approved by another, and can be disabled at once.
CREATE TABLE exchange.system (
    id          uuid PRIMARY KEY,
    member      uuid NOT NULL REFERENCES exchange.member,
    code        text NOT NULL,
    name_zh     text NOT NULL,
    name_en     text NOT NULL,
    state       text NOT NULL CHECK (state IN ('proposed', 'approved', 'disabled')),
    proposed_by uuid,
    proposed_at timestamptz NOT NULL,
    decided_at  timestamptz,
    UNIQUE (member, code)
);

-- The public keys with which systems sign. A key counts in its time alone and is never removed: evidence needs it.
CREATE TABLE exchange.key (
    id         text PRIMARY KEY,
    system     uuid NOT NULL REFERENCES exchange.system,
    algorithm  text NOT NULL CHECK (algorithm IN ('ed25519', 'sm2-sm3')),
    public     bytea NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to   timestamptz NOT NULL,
    added_at   timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX key_system ON exchange.key (system);

CREATE TABLE exchange.service (
    id          uuid PRIMARY KEY,
    system      uuid NOT NULL REFERENCES exchange.system,
    code        text NOT NULL,
    title_zh    text NOT NULL,
    title_en    text NOT NULL,
    url         text NOT NULL,
    keep        text NOT NULL CHECK (keep IN ('full', 'digest', 'none')),
    endpoints   jsonb NOT NULL,
    openapi     text,
    state       text NOT NULL CHECK (state IN ('proposed', 'approved', 'disabled')),
    proposed_by uuid,
    proposed_at timestamptz NOT NULL,
    UNIQUE (system, code)
);

-- Who may call what: a client, a service, a method and a path, for a purpose that rests on something, until a day.
CREATE TABLE exchange.access (
    id         uuid PRIMARY KEY,
    client     uuid NOT NULL REFERENCES exchange.system,
    service    uuid NOT NULL REFERENCES exchange.service,
    method     text NOT NULL,
    path       text NOT NULL,
    purpose    text NOT NULL,
    basis      text NOT NULL,
    valid_to   timestamptz NOT NULL,
    granted_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX access_client ON exchange.access (client, service);
CREATE INDEX access_service ON exchange.access (service);

-- One row for each message. What stands in its head and body may be personal, so both are sealed; digests are not.
CREATE TABLE exchange.message (
    id                uuid PRIMARY KEY,
    at                timestamptz NOT NULL,
    message_id        text NOT NULL,
    client            uuid NOT NULL REFERENCES exchange.system,
    client_text       text NOT NULL,
    provider          uuid REFERENCES exchange.system,
    service           uuid REFERENCES exchange.service,
    service_text      text NOT NULL,
    method            text NOT NULL,
    issue             text,
    key               text NOT NULL REFERENCES exchange.key,
    signature         bytea NOT NULL,
    replay            bytea NOT NULL UNIQUE,
    request_hash      bytea NOT NULL,
    request_digest    text NOT NULL,
    request_bytes     bigint NOT NULL,
    request_sealed    bytea,
    status            integer,
    error             text,
    response_digest   text,
    response_bytes    bigint,
    response_sealed   bytea,
    gateway_key       text,
    gateway_signature bytea,
    took_us           bigint,
    entry             bigint
);
CREATE INDEX message_at ON exchange.message (at DESC);
CREATE INDEX message_client ON exchange.message (client, at DESC);
CREATE INDEX message_provider ON exchange.message (provider, at DESC);
CREATE INDEX message_issue ON exchange.message (issue) WHERE issue IS NOT NULL;
CREATE INDEX message_open ON exchange.message (at) WHERE entry IS NULL;

-- What is carried later, in order, from one system to a service of another.
CREATE TABLE exchange.channel (
    id         uuid PRIMARY KEY,
    code       text NOT NULL UNIQUE,
    title_zh   text NOT NULL,
    title_en   text NOT NULL,
    mode       text NOT NULL CHECK (mode IN ('message', 'table', 'file')),
    sender     uuid NOT NULL REFERENCES exchange.system,
    receiver   uuid NOT NULL REFERENCES exchange.service,
    path       text NOT NULL,
    basis      text NOT NULL,
    paused     boolean NOT NULL DEFAULT false,
    next       bigint NOT NULL DEFAULT 1,
    at         timestamptz NOT NULL
);

CREATE TABLE exchange.parcel (
    id         uuid PRIMARY KEY,
    channel    uuid NOT NULL REFERENCES exchange.channel,
    -- Given when the parcel is whole, so that the order is that in which they became so.
    seq        bigint,
    key        text NOT NULL,
    issue      text,
    kind       text NOT NULL,
    chunks     integer NOT NULL,
    bytes      bigint NOT NULL,
    digest     text NOT NULL,
    rows       bigint,
    sums       jsonb,
    state      text NOT NULL CHECK (state IN ('filling', 'sent', 'received', 'stored', 'processed', 'dead')),
    attempts   integer NOT NULL DEFAULT 0,
    due        timestamptz NOT NULL,
    fault      text,
    there_rows bigint,
    there_sums jsonb,
    there_digest text,
    at         timestamptz NOT NULL,
    UNIQUE (channel, seq),
    UNIQUE (channel, key)
);
CREATE INDEX parcel_due ON exchange.parcel (due) WHERE state = 'sent';
CREATE INDEX parcel_at ON exchange.parcel (at DESC);

CREATE TABLE exchange.chunk (
    parcel    uuid NOT NULL REFERENCES exchange.parcel,
    no        integer NOT NULL,
    bytes     bigint NOT NULL,
    digest    text NOT NULL,
    sealed    bytea,
    delivered timestamptz,
    PRIMARY KEY (parcel, no)
);

-- 已发送, 已接收, 已入库, 已处理: each stage once, with its entry in the record.
CREATE TABLE exchange.receipt (
    parcel uuid NOT NULL REFERENCES exchange.parcel,
    stage  text NOT NULL CHECK (stage IN ('sent', 'received', 'stored', 'processed')),
    at     timestamptz NOT NULL,
    digest text NOT NULL,
    entry  bigint NOT NULL,
    PRIMARY KEY (parcel, stage)
);
