-- The whole database as the migrations make it. Generated: run `make bless`.
--
-- PostgreSQL database dump
--
-- Name: backup; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA backup;

-- Name: casework; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA casework;

-- Name: db; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA db;

-- Name: document; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA document;

-- Name: form; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA form;

-- Name: ledger; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA ledger;

-- Name: notice; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA notice;

-- Name: party; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA party;

-- Name: process; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA process;

-- Name: registry; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA registry;

-- Name: service; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA service;

-- Name: setting; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA setting;

-- Name: signon; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA signon;

-- Name: vault; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA vault;

-- Name: keep(); Type: FUNCTION; Schema: document; Owner: -
--
CREATE FUNCTION document.keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'papers are not deleted';
    END IF;
    IF (to_jsonb(new) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by')
            <> (to_jsonb(old) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by')
        OR (old.blob IS NOT NULL AND new.blob IS DISTINCT FROM old.blob)
        OR (old.revoked_at IS NOT NULL AND (new.revoked_at, new.revoke_reason, new.revoked_by)
            IS DISTINCT FROM (old.revoked_at, old.revoke_reason, old.revoked_by)) THEN
        RAISE EXCEPTION 'a paper once issued is not changed';
    END IF;
    RETURN new;
END
$$;

-- Name: refuse(); Type: FUNCTION; Schema: ledger; Owner: -
--
CREATE FUNCTION ledger.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Name: roles_stay(); Type: FUNCTION; Schema: party; Owner: -
--
CREATE FUNCTION party.roles_stay() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the roles of a post do not change: make another post'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_stay';
END
$$;

-- Name: three_administrators(); Type: FUNCTION; Schema: party; Owner: -
--
CREATE FUNCTION party.three_administrators() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM 1 FROM party.person WHERE id = new.person FOR UPDATE;
    IF EXISTS (
        SELECT FROM party.post AS given
        CROSS JOIN unnest(given.roles) AS one
        JOIN (SELECT post, starts, ends FROM party.holding WHERE person = new.person
              UNION ALL
              SELECT post, starts, ends FROM party.substitution WHERE person = new.person) AS held
             ON held.starts < coalesce(new.ends, 'infinity') AND coalesce(held.ends, 'infinity') > new.starts
        JOIN party.post ON post.id = held.post
        CROSS JOIN unnest(post.roles) AS other
        WHERE given.id = new.post AND one <> other
          AND one IN ('system-admin', 'security-admin', 'audit-admin')
          AND other IN ('system-admin', 'security-admin', 'audit-admin')) THEN
        RAISE EXCEPTION 'the three administrators exclude each other'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'three_administrators';
    END IF;
    RETURN NULL;
END
$$;

-- Name: _migrations; Type: TABLE; Schema: backup; Owner: -
--
CREATE TABLE backup._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: run; Type: TABLE; Schema: backup; Owner: -
--
CREATE TABLE backup.run (
    id uuid NOT NULL,
    kind text NOT NULL,
    started timestamp with time zone NOT NULL,
    finished timestamp with time zone,
    ok boolean,
    error text,
    path text,
    backup text,
    instant timestamp with time zone,
    bytes bigint,
    plain_bytes bigint,
    files bigint,
    entries bigint,
    rpo_seconds double precision,
    rto_seconds double precision,
    CONSTRAINT run_kind_check CHECK ((kind = ANY (ARRAY['backup'::text, 'drill'::text])))
);

-- Name: _migrations; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: case; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework."case" (
    no text NOT NULL,
    kind text NOT NULL,
    item text NOT NULL,
    item_version text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    person uuid NOT NULL,
    person_name text NOT NULL,
    organisation uuid,
    organisation_name text,
    credit_code text,
    department uuid NOT NULL,
    department_name text NOT NULL,
    region text NOT NULL,
    state text NOT NULL,
    decision text,
    instance uuid NOT NULL,
    answers jsonb NOT NULL,
    facts jsonb NOT NULL,
    promised_days integer NOT NULL,
    statutory_days integer NOT NULL,
    submitted_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    decided_at timestamp with time zone,
    closed_at timestamp with time zone,
    document uuid,
    version bigint DEFAULT 1 NOT NULL,
    retired_at timestamp with time zone
);

-- Name: counter; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.counter (
    scope text NOT NULL,
    last bigint NOT NULL
);

-- Name: event; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.event (
    "case" text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    post text,
    node text,
    text_zh text NOT NULL,
    text_en text NOT NULL,
    reason text,
    public boolean NOT NULL
);

-- Name: material; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.material (
    "case" text NOT NULL,
    seq integer NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    source text NOT NULL,
    source_note text,
    digest text,
    file_name text,
    size bigint,
    mime text,
    at timestamp with time zone NOT NULL
);

-- Name: note; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.note (
    id uuid NOT NULL,
    "case" text NOT NULL,
    author uuid NOT NULL,
    author_name text NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: suspension; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.suspension (
    "case" text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    ordered_by text NOT NULL,
    from_day date NOT NULL,
    to_day date
);

-- Name: todo; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.todo (
    id uuid NOT NULL,
    "case" text NOT NULL,
    task text NOT NULL,
    node text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    role text NOT NULL,
    side text NOT NULL,
    department uuid NOT NULL,
    outcomes text[] NOT NULL,
    assignee uuid,
    assignee_name text,
    opened_at timestamp with time zone NOT NULL,
    due_day date,
    closed_at timestamp with time zone,
    outcome text
);

-- Name: _migrations; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: answer; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db.answer (
    actor text NOT NULL,
    key text NOT NULL,
    verb text NOT NULL,
    body text NOT NULL,
    answer jsonb,
    at timestamp with time zone NOT NULL
);

-- Name: cron; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db.cron (
    name text NOT NULL,
    last timestamp with time zone NOT NULL
);

-- Name: dead_letter; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db.dead_letter (
    id uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    attempts integer NOT NULL,
    error text NOT NULL,
    created timestamp with time zone NOT NULL,
    died timestamp with time zone NOT NULL
);

-- Name: job; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db.job (
    id uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    unique_key text,
    due timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    attempts_max integer DEFAULT 12 NOT NULL,
    locked_until timestamp with time zone,
    error text,
    created timestamp with time zone NOT NULL
);

-- Name: outbox; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db.outbox (
    id uuid NOT NULL,
    topic text NOT NULL,
    thing text NOT NULL,
    payload jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: setting; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db.setting (
    name text NOT NULL,
    value jsonb NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: _migrations; Type: TABLE; Schema: document; Owner: -
--
CREATE TABLE document._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: counter; Type: TABLE; Schema: document; Owner: -
--
CREATE TABLE document.counter (
    kind text NOT NULL,
    scope text NOT NULL,
    last bigint NOT NULL
);

-- Name: document; Type: TABLE; Schema: document; Owner: -
--
CREATE TABLE document.document (
    id uuid NOT NULL,
    template text NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    identifier text,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    holder_person uuid,
    holder_organisation uuid,
    holder_name text NOT NULL,
    data jsonb NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    issuer uuid NOT NULL,
    issuer_name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    case_no text,
    code text NOT NULL,
    blob text,
    revoked_at timestamp with time zone,
    revoke_reason text,
    once text,
    asked text NOT NULL,
    revoked_by text,
    CONSTRAINT document_blob_check CHECK ((blob ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT document_check CHECK ((valid_to >= valid_from)),
    CONSTRAINT document_check1 CHECK (((revoked_at IS NULL) = (revoke_reason IS NULL))),
    CONSTRAINT document_check2 CHECK (((revoked_by IS NULL) OR (revoked_at IS NOT NULL))),
    CONSTRAINT document_code_check CHECK ((code ~ '^[0-9A-HJKMNP-TV-Z]{26}$'::text)),
    CONSTRAINT document_kind_check CHECK ((kind = ANY (ARRAY['licence'::text, 'notice'::text, 'receipt'::text])))
);

-- Name: _migrations; Type: TABLE; Schema: form; Owner: -
--
CREATE TABLE form._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: draft; Type: TABLE; Schema: form; Owner: -
--
CREATE TABLE form.draft (
    id uuid NOT NULL,
    form text NOT NULL,
    form_digest text NOT NULL,
    item text NOT NULL,
    owner uuid NOT NULL,
    owner_organisation uuid,
    answers jsonb NOT NULL,
    inputs jsonb NOT NULL,
    saved jsonb NOT NULL,
    known jsonb NOT NULL,
    version bigint NOT NULL,
    created timestamp with time zone NOT NULL,
    updated timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    submitted_case text,
    sealed bytea
);

-- Name: file; Type: TABLE; Schema: form; Owner: -
--
CREATE TABLE form.file (
    id uuid NOT NULL,
    draft uuid NOT NULL,
    field text NOT NULL,
    entry bigint NOT NULL,
    digest text NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    number bigint NOT NULL
);

-- Name: file_number_seq; Type: SEQUENCE; Schema: form; Owner: -
--
ALTER TABLE form.file ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME form.file_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: _migrations; Type: TABLE; Schema: ledger; Owner: -
--
CREATE TABLE ledger._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: checkpoint; Type: TABLE; Schema: ledger; Owner: -
--
CREATE TABLE ledger.checkpoint (
    size bigint NOT NULL,
    origin text NOT NULL,
    root bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    key text NOT NULL,
    signature bytea NOT NULL
);

-- Name: entry; Type: TABLE; Schema: ledger; Owner: -
--
CREATE TABLE ledger.entry (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    account uuid,
    person uuid,
    name text NOT NULL,
    organisation uuid,
    post uuid,
    behalf jsonb,
    verb text NOT NULL,
    thing_kind text NOT NULL,
    thing text NOT NULL,
    subject uuid,
    before text,
    after text,
    reason text,
    request text NOT NULL,
    txid xid8 DEFAULT pg_current_xact_id() NOT NULL
);

-- Name: entry_id_seq; Type: SEQUENCE; Schema: ledger; Owner: -
--
ALTER TABLE ledger.entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ledger.entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: key; Type: TABLE; Schema: ledger; Owner: -
--
CREATE TABLE ledger.key (
    id text NOT NULL,
    public bytea NOT NULL
);

-- Name: leaf; Type: TABLE; Schema: ledger; Owner: -
--
CREATE TABLE ledger.leaf (
    index bigint NOT NULL,
    entry bigint NOT NULL,
    hash bytea NOT NULL
);

-- Name: node; Type: TABLE; Schema: ledger; Owner: -
--
CREATE TABLE ledger.node (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hash bytea NOT NULL
);

-- Name: _migrations; Type: TABLE; Schema: notice; Owner: -
--
CREATE TABLE notice._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: message; Type: TABLE; Schema: notice; Owner: -
--
CREATE TABLE notice.message (
    id uuid NOT NULL,
    person uuid,
    organisation uuid,
    post uuid,
    template text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    body_zh text NOT NULL,
    body_en text NOT NULL,
    link text,
    created timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    read_by uuid,
    once text,
    CONSTRAINT message_check CHECK ((num_nonnulls(person, organisation, post) = 1)),
    CONSTRAINT message_link_check CHECK (((link ~~ '/%'::text) AND (link !~~ '//%'::text)))
);

-- Name: _migrations; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: account; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.account (
    id uuid NOT NULL,
    login text NOT NULL,
    login_key text NOT NULL,
    kind text NOT NULL,
    person uuid NOT NULL,
    password_hash text,
    totp_secret bytea,
    totp_pending bytea,
    totp_last_step bigint,
    disabled_at timestamp with time zone,
    created timestamp with time zone NOT NULL,
    keys integer DEFAULT 0 NOT NULL,
    CONSTRAINT account_keys_check CHECK ((keys >= 0)),
    CONSTRAINT account_kind_check CHECK ((kind = ANY (ARRAY['citizen'::text, 'staff'::text])))
);

-- Name: delegation; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.delegation (
    id uuid NOT NULL,
    organisation uuid NOT NULL,
    person uuid NOT NULL,
    scope text[] NOT NULL,
    granted timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    granted_by uuid NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT delegation_check CHECK ((expires > granted)),
    CONSTRAINT delegation_scope_check CHECK (((scope <@ ARRAY['admin'::text, 'apply'::text, 'view'::text]) AND (scope <> '{}'::text[])))
);

-- Name: holding; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.holding (
    id uuid NOT NULL,
    post uuid NOT NULL,
    person uuid NOT NULL,
    starts date NOT NULL,
    ends date,
    told boolean DEFAULT false NOT NULL,
    CONSTRAINT holding_check CHECK ((ends >= starts))
);

-- Name: invite; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.invite (
    token_hash bytea NOT NULL,
    account uuid NOT NULL,
    expires timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    factor boolean DEFAULT false NOT NULL
);

-- Name: organisation; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.organisation (
    id uuid NOT NULL,
    parent uuid,
    region text,
    kind text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    short text,
    credit_code text,
    representative uuid,
    closed date,
    CONSTRAINT organisation_kind_check CHECK ((kind = ANY (ARRAY['government'::text, 'department'::text, 'office'::text, 'company'::text, 'individual_business'::text, 'other'::text])))
);

-- Name: person; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.person (
    id uuid NOT NULL,
    name text NOT NULL,
    id_kind text NOT NULL,
    id_number text,
    phone text,
    region text,
    level smallint DEFAULT 0 NOT NULL,
    id_number_sealed bytea,
    id_number_index bytea,
    phone_sealed bytea,
    CONSTRAINT person_level_check CHECK (((level >= 0) AND (level <= 3)))
);

-- Name: post; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.post (
    id uuid NOT NULL,
    organisation uuid NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    roles text[] NOT NULL,
    CONSTRAINT post_roles_check CHECK (((((('system-admin'::text = ANY (roles)))::integer + (('security-admin'::text = ANY (roles)))::integer) + (('audit-admin'::text = ANY (roles)))::integer) <= 1))
);

-- Name: proof; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.proof (
    token_hash bytea NOT NULL,
    account uuid NOT NULL,
    ip text NOT NULL,
    agent text NOT NULL,
    expires timestamp with time zone NOT NULL,
    means text DEFAULT 'password'::text NOT NULL
);

-- Name: recovery; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.recovery (
    id uuid NOT NULL,
    account uuid NOT NULL,
    factor boolean NOT NULL,
    reason text NOT NULL,
    document text NOT NULL,
    started timestamp with time zone NOT NULL,
    started_by uuid NOT NULL,
    confirmed timestamp with time zone,
    confirmed_by uuid,
    ready timestamp with time zone,
    released timestamp with time zone,
    stopped timestamp with time zone,
    stopped_why text,
    CONSTRAINT recovery_check CHECK ((confirmed_by <> started_by)),
    CONSTRAINT recovery_check1 CHECK ((((confirmed IS NULL) = (confirmed_by IS NULL)) AND ((confirmed IS NULL) = (ready IS NULL)))),
    CONSTRAINT recovery_check2 CHECK (((released IS NULL) OR (released >= ready)))
);

-- Name: recovery_code; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.recovery_code (
    account uuid NOT NULL,
    place smallint NOT NULL,
    salt bytea NOT NULL,
    code_hash bytea NOT NULL,
    created timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

-- Name: region; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.region (
    code text NOT NULL,
    name text NOT NULL,
    parent text,
    level smallint NOT NULL,
    boundary jsonb,
    CONSTRAINT region_code_check CHECK ((code ~ '^[0-9]{6}([0-9]{3}){0,2}$'::text)),
    CONSTRAINT region_level_check CHECK (((level >= 1) AND (level <= 5)))
);

-- Name: session; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.session (
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    account uuid NOT NULL,
    post uuid,
    behalf uuid,
    created timestamp with time zone NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    ip text NOT NULL,
    agent text NOT NULL,
    revoked_at timestamp with time zone,
    means text DEFAULT 'password'::text NOT NULL,
    strong boolean DEFAULT false NOT NULL
);

-- Name: substitution; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.substitution (
    id uuid NOT NULL,
    post uuid NOT NULL,
    person uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    named_by uuid NOT NULL,
    named timestamp with time zone NOT NULL,
    reason text NOT NULL,
    told boolean DEFAULT false NOT NULL,
    CONSTRAINT substitution_check CHECK ((ends >= starts))
);

-- Name: throttle; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.throttle (
    kind text NOT NULL,
    key text NOT NULL,
    failed integer NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone,
    rounds integer DEFAULT 0 NOT NULL
);

-- Name: _migrations; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: definition; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.definition (
    digest text NOT NULL,
    name text NOT NULL,
    xml text NOT NULL,
    first_used timestamp with time zone NOT NULL
);

-- Name: history; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.history (
    instance uuid NOT NULL,
    seq integer NOT NULL,
    command jsonb NOT NULL,
    node text,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL
);

-- Name: instance; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.instance (
    id uuid NOT NULL,
    definition text NOT NULL,
    thing text NOT NULL,
    state jsonb NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

-- Name: _migrations; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: past; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.past (
    id uuid NOT NULL,
    dataset text NOT NULL,
    record uuid NOT NULL,
    content jsonb NOT NULL,
    source text NOT NULL,
    by_case text,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);

-- Name: _migrations; Type: TABLE; Schema: service; Owner: -
--
CREATE TABLE service._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: miss; Type: TABLE; Schema: service; Owner: -
--
CREATE TABLE service.miss (
    day date NOT NULL,
    query text NOT NULL,
    times integer DEFAULT 1 NOT NULL
);

-- Name: rating; Type: TABLE; Schema: service; Owner: -
--
CREATE TABLE service.rating (
    "case" text NOT NULL,
    item text NOT NULL,
    department uuid NOT NULL,
    person uuid NOT NULL,
    score smallint NOT NULL,
    words text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT rating_score_check CHECK (((score >= 1) AND (score <= 5)))
);

-- Name: _migrations; Type: TABLE; Schema: setting; Owner: -
--
CREATE TABLE setting._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: change; Type: TABLE; Schema: setting; Owner: -
--
CREATE TABLE setting.change (
    number bigint NOT NULL,
    key text NOT NULL,
    value jsonb,
    reason text NOT NULL,
    account uuid,
    name text NOT NULL,
    at timestamp with time zone NOT NULL,
    reverts bigint
);

-- Name: change_number_seq; Type: SEQUENCE; Schema: setting; Owner: -
--
ALTER TABLE setting.change ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME setting.change_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: _migrations; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: ceremony; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.ceremony (
    hash bytea NOT NULL,
    kind text NOT NULL,
    account uuid,
    state jsonb NOT NULL,
    expires timestamp with time zone NOT NULL,
    CONSTRAINT ceremony_kind_check CHECK ((kind = ANY (ARRAY['register'::text, 'enter'::text, 'outside'::text])))
);

-- Name: client; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.client (
    id text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    organisation uuid NOT NULL,
    secret_hash bytea,
    redirect_uris text[] NOT NULL,
    post_logout_uris text[] NOT NULL,
    backchannel_uri text,
    scopes text[] NOT NULL,
    kinds text[] NOT NULL,
    alg text NOT NULL,
    salt bytea NOT NULL,
    created timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT client_alg_check CHECK ((alg = ANY (ARRAY['RS256'::text, 'ES256'::text]))),
    CONSTRAINT client_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$'::text)),
    CONSTRAINT client_kinds_check CHECK (((kinds <@ ARRAY['citizen'::text, 'staff'::text]) AND (kinds <> '{}'::text[]))),
    CONSTRAINT client_redirect_uris_check CHECK ((redirect_uris <> '{}'::text[])),
    CONSTRAINT client_salt_check CHECK ((octet_length(salt) = 32))
);

-- Name: code; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.code (
    hash bytea NOT NULL,
    visit uuid NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    expires timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

-- Name: consent; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.consent (
    account uuid NOT NULL,
    client text NOT NULL,
    scopes text[] NOT NULL,
    granted timestamp with time zone NOT NULL
);

-- Name: link; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.link (
    provider text NOT NULL,
    subject text NOT NULL,
    account uuid NOT NULL,
    linked timestamp with time zone NOT NULL,
    last_used timestamp with time zone
);

-- Name: passkey; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.passkey (
    id uuid NOT NULL,
    credential bytea NOT NULL,
    account uuid NOT NULL,
    name text NOT NULL,
    passkey jsonb NOT NULL,
    created timestamp with time zone NOT NULL,
    last_used timestamp with time zone
);

-- Name: signing_key; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.signing_key (
    kid text NOT NULL,
    alg text NOT NULL,
    public jsonb NOT NULL,
    sealed bytea NOT NULL,
    created timestamp with time zone NOT NULL,
    signs_from timestamp with time zone NOT NULL,
    published_until timestamp with time zone,
    CONSTRAINT signing_key_alg_check CHECK ((alg = ANY (ARRAY['RS256'::text, 'ES256'::text])))
);

-- Name: token; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.token (
    hash bytea NOT NULL,
    visit uuid NOT NULL,
    kind text NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT token_kind_check CHECK ((kind = ANY (ARRAY['access'::text, 'refresh'::text])))
);

-- Name: visit; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.visit (
    id uuid NOT NULL,
    client text NOT NULL,
    account uuid NOT NULL,
    person uuid NOT NULL,
    kind text NOT NULL,
    session uuid NOT NULL,
    scopes text[] NOT NULL,
    nonce text,
    auth_time timestamp with time zone NOT NULL,
    amr text[] NOT NULL,
    acr text NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_why text,
    CONSTRAINT visit_kind_check CHECK ((kind = ANY (ARRAY['citizen'::text, 'staff'::text])))
);

-- Name: _migrations; Type: TABLE; Schema: vault; Owner: -
--
CREATE TABLE vault._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: key; Type: TABLE; Schema: vault; Owner: -
--
CREATE TABLE vault.key (
    field text NOT NULL,
    kind text NOT NULL,
    version integer NOT NULL,
    wrapped bytea,
    created timestamp with time zone NOT NULL,
    active_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT key_check CHECK (((wrapped IS NULL) = (erased_at IS NOT NULL))),
    CONSTRAINT key_kind_check CHECK ((kind = ANY (ARRAY['data'::text, 'index'::text, 'secret'::text]))),
    CONSTRAINT key_version_check CHECK ((version > 0))
);

-- Name: state; Type: TABLE; Schema: vault; Owner: -
--
CREATE TABLE vault.state (
    only_row boolean DEFAULT true NOT NULL,
    serial bigint NOT NULL,
    CONSTRAINT state_only_row_check CHECK (only_row)
);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: backup; Owner: -
--
ALTER TABLE ONLY backup._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: run run_pkey; Type: CONSTRAINT; Schema: backup; Owner: -
--
ALTER TABLE ONLY backup.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: case case_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework."case"
    ADD CONSTRAINT case_pkey PRIMARY KEY (no);

-- Name: counter counter_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (scope);

-- Name: event event_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.event
    ADD CONSTRAINT event_pkey PRIMARY KEY ("case", seq);

-- Name: material material_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.material
    ADD CONSTRAINT material_pkey PRIMARY KEY ("case", seq);

-- Name: note note_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.note
    ADD CONSTRAINT note_pkey PRIMARY KEY (id);

-- Name: suspension suspension_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.suspension
    ADD CONSTRAINT suspension_pkey PRIMARY KEY ("case", seq);

-- Name: todo todo_case_task_key; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.todo
    ADD CONSTRAINT todo_case_task_key UNIQUE ("case", task);

-- Name: todo todo_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.todo
    ADD CONSTRAINT todo_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: answer answer_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.answer
    ADD CONSTRAINT answer_pkey PRIMARY KEY (actor, key);

-- Name: cron cron_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.cron
    ADD CONSTRAINT cron_pkey PRIMARY KEY (name);

-- Name: dead_letter dead_letter_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (id);

-- Name: job job_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);

-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

-- Name: setting setting_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (name);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: document; Owner: -
--
ALTER TABLE ONLY document._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: counter counter_pkey; Type: CONSTRAINT; Schema: document; Owner: -
--
ALTER TABLE ONLY document.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (kind, scope);

-- Name: document document_code_key; Type: CONSTRAINT; Schema: document; Owner: -
--
ALTER TABLE ONLY document.document
    ADD CONSTRAINT document_code_key UNIQUE (code);

-- Name: document document_identifier_key; Type: CONSTRAINT; Schema: document; Owner: -
--
ALTER TABLE ONLY document.document
    ADD CONSTRAINT document_identifier_key UNIQUE (identifier);

-- Name: document document_pkey; Type: CONSTRAINT; Schema: document; Owner: -
--
ALTER TABLE ONLY document.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (id);

-- Name: document document_template_number_key; Type: CONSTRAINT; Schema: document; Owner: -
--
ALTER TABLE ONLY document.document
    ADD CONSTRAINT document_template_number_key UNIQUE (template, number);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: form; Owner: -
--
ALTER TABLE ONLY form._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: draft draft_pkey; Type: CONSTRAINT; Schema: form; Owner: -
--
ALTER TABLE ONLY form.draft
    ADD CONSTRAINT draft_pkey PRIMARY KEY (id);

-- Name: file file_draft_field_entry_digest_key; Type: CONSTRAINT; Schema: form; Owner: -
--
ALTER TABLE ONLY form.file
    ADD CONSTRAINT file_draft_field_entry_digest_key UNIQUE (draft, field, entry, digest);

-- Name: file file_pkey; Type: CONSTRAINT; Schema: form; Owner: -
--
ALTER TABLE ONLY form.file
    ADD CONSTRAINT file_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: checkpoint checkpoint_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (size);

-- Name: entry entry_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (id);

-- Name: key key_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger.key
    ADD CONSTRAINT key_pkey PRIMARY KEY (id);

-- Name: leaf leaf_entry_key; Type: CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger.leaf
    ADD CONSTRAINT leaf_entry_key UNIQUE (entry);

-- Name: leaf leaf_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger.leaf
    ADD CONSTRAINT leaf_pkey PRIMARY KEY (index);

-- Name: node node_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger.node
    ADD CONSTRAINT node_pkey PRIMARY KEY (level, index);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: notice; Owner: -
--
ALTER TABLE ONLY notice._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: message message_pkey; Type: CONSTRAINT; Schema: notice; Owner: -
--
ALTER TABLE ONLY notice.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: account account_login_key_key; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.account
    ADD CONSTRAINT account_login_key_key UNIQUE (login_key);

-- Name: account account_person_kind_key; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.account
    ADD CONSTRAINT account_person_kind_key UNIQUE (person, kind);

-- Name: account account_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

-- Name: delegation delegation_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.delegation
    ADD CONSTRAINT delegation_pkey PRIMARY KEY (id);

-- Name: holding holding_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.holding
    ADD CONSTRAINT holding_pkey PRIMARY KEY (id);

-- Name: invite invite_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.invite
    ADD CONSTRAINT invite_pkey PRIMARY KEY (token_hash);

-- Name: organisation organisation_credit_code_key; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.organisation
    ADD CONSTRAINT organisation_credit_code_key UNIQUE (credit_code);

-- Name: organisation organisation_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (id);

-- Name: organisation organisation_short_key; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.organisation
    ADD CONSTRAINT organisation_short_key UNIQUE (short);

-- Name: person person_id_number_index_key; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.person
    ADD CONSTRAINT person_id_number_index_key UNIQUE (id_number_index);

-- Name: person person_id_number_key; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.person
    ADD CONSTRAINT person_id_number_key UNIQUE (id_number);

-- Name: person person_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);

-- Name: person person_sealed; Type: CHECK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE party.person
    ADD CONSTRAINT person_sealed CHECK (((id_number IS NULL) AND (phone IS NULL))) NOT VALID;

-- Name: post post_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.post
    ADD CONSTRAINT post_pkey PRIMARY KEY (id);

-- Name: proof proof_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.proof
    ADD CONSTRAINT proof_pkey PRIMARY KEY (token_hash);

-- Name: recovery_code recovery_code_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.recovery_code
    ADD CONSTRAINT recovery_code_pkey PRIMARY KEY (account, place);

-- Name: recovery recovery_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.recovery
    ADD CONSTRAINT recovery_pkey PRIMARY KEY (id);

-- Name: region region_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.region
    ADD CONSTRAINT region_pkey PRIMARY KEY (code);

-- Name: session session_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

-- Name: session session_token_hash_key; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);

-- Name: substitution substitution_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.substitution
    ADD CONSTRAINT substitution_pkey PRIMARY KEY (id);

-- Name: throttle throttle_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.throttle
    ADD CONSTRAINT throttle_pkey PRIMARY KEY (kind, key);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: definition definition_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.definition
    ADD CONSTRAINT definition_pkey PRIMARY KEY (digest);

-- Name: history history_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (instance, seq);

-- Name: instance instance_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: past past_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.past
    ADD CONSTRAINT past_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: service; Owner: -
--
ALTER TABLE ONLY service._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: miss miss_pkey; Type: CONSTRAINT; Schema: service; Owner: -
--
ALTER TABLE ONLY service.miss
    ADD CONSTRAINT miss_pkey PRIMARY KEY (day, query);

-- Name: rating rating_pkey; Type: CONSTRAINT; Schema: service; Owner: -
--
ALTER TABLE ONLY service.rating
    ADD CONSTRAINT rating_pkey PRIMARY KEY ("case");

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: change change_pkey; Type: CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (number);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: ceremony ceremony_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.ceremony
    ADD CONSTRAINT ceremony_pkey PRIMARY KEY (hash);

-- Name: client client_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.client
    ADD CONSTRAINT client_pkey PRIMARY KEY (id);

-- Name: code code_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.code
    ADD CONSTRAINT code_pkey PRIMARY KEY (hash);

-- Name: consent consent_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (account, client);

-- Name: link link_account_provider_key; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.link
    ADD CONSTRAINT link_account_provider_key UNIQUE (account, provider);

-- Name: link link_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.link
    ADD CONSTRAINT link_pkey PRIMARY KEY (provider, subject);

-- Name: passkey passkey_credential_key; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.passkey
    ADD CONSTRAINT passkey_credential_key UNIQUE (credential);

-- Name: passkey passkey_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);

-- Name: signing_key signing_key_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.signing_key
    ADD CONSTRAINT signing_key_pkey PRIMARY KEY (kid);

-- Name: token token_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (hash);

-- Name: visit visit_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.visit
    ADD CONSTRAINT visit_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: vault; Owner: -
--
ALTER TABLE ONLY vault._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: key key_pkey; Type: CONSTRAINT; Schema: vault; Owner: -
--
ALTER TABLE ONLY vault.key
    ADD CONSTRAINT key_pkey PRIMARY KEY (field, kind, version);

-- Name: state state_pkey; Type: CONSTRAINT; Schema: vault; Owner: -
--
ALTER TABLE ONLY vault.state
    ADD CONSTRAINT state_pkey PRIMARY KEY (only_row);

-- Name: run_kind; Type: INDEX; Schema: backup; Owner: -
--
CREATE INDEX run_kind ON backup.run USING btree (kind, started DESC) WHERE ok;

-- Name: run_started; Type: INDEX; Schema: backup; Owner: -
--
CREATE INDEX run_started ON backup.run USING btree (started DESC);

-- Name: case_department; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_department ON casework."case" USING btree (department, state, submitted_at);

-- Name: case_organisation; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_organisation ON casework."case" USING btree (organisation, submitted_at DESC) WHERE (organisation IS NOT NULL);

-- Name: case_person; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_person ON casework."case" USING btree (person, submitted_at DESC);

-- Name: case_retire; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_retire ON casework."case" USING btree (kind, closed_at) WHERE ((retired_at IS NULL) AND (closed_at IS NOT NULL));

-- Name: note_case; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX note_case ON casework.note USING btree ("case", at);

-- Name: todo_assignee; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX todo_assignee ON casework.todo USING btree (assignee) WHERE (closed_at IS NULL);

-- Name: todo_open; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX todo_open ON casework.todo USING btree (department, role, due_day) WHERE (closed_at IS NULL);

-- Name: answer_at; Type: INDEX; Schema: db; Owner: -
--
CREATE INDEX answer_at ON db.answer USING btree (at);

-- Name: job_due; Type: INDEX; Schema: db; Owner: -
--
CREATE INDEX job_due ON db.job USING btree (due);

-- Name: job_unique; Type: INDEX; Schema: db; Owner: -
--
CREATE UNIQUE INDEX job_unique ON db.job USING btree (kind, unique_key) WHERE (unique_key IS NOT NULL);

-- Name: outbox_at; Type: INDEX; Schema: db; Owner: -
--
CREATE INDEX outbox_at ON db.outbox USING btree (at);

-- Name: document_case; Type: INDEX; Schema: document; Owner: -
--
CREATE INDEX document_case ON document.document USING btree (case_no, issued_at) WHERE (case_no IS NOT NULL);

-- Name: document_once; Type: INDEX; Schema: document; Owner: -
--
CREATE UNIQUE INDEX document_once ON document.document USING btree (template, once) WHERE (once IS NOT NULL);

-- Name: document_organisation; Type: INDEX; Schema: document; Owner: -
--
CREATE INDEX document_organisation ON document.document USING btree (holder_organisation, issued_at DESC) WHERE (holder_organisation IS NOT NULL);

-- Name: document_person; Type: INDEX; Schema: document; Owner: -
--
CREATE INDEX document_person ON document.document USING btree (holder_person, issued_at DESC) WHERE (holder_person IS NOT NULL);

-- Name: draft_expires; Type: INDEX; Schema: form; Owner: -
--
CREATE INDEX draft_expires ON form.draft USING btree (expires);

-- Name: draft_owner; Type: INDEX; Schema: form; Owner: -
--
CREATE INDEX draft_owner ON form.draft USING btree (owner, updated);

-- Name: draft_owner_organisation; Type: INDEX; Schema: form; Owner: -
--
CREATE INDEX draft_owner_organisation ON form.draft USING btree (owner_organisation, updated) WHERE (owner_organisation IS NOT NULL);

-- Name: entry_account; Type: INDEX; Schema: ledger; Owner: -
--
CREATE INDEX entry_account ON ledger.entry USING btree (account, id DESC) WHERE (account IS NOT NULL);

-- Name: entry_at; Type: INDEX; Schema: ledger; Owner: -
--
CREATE INDEX entry_at ON ledger.entry USING btree (at);

-- Name: entry_person; Type: INDEX; Schema: ledger; Owner: -
--
CREATE INDEX entry_person ON ledger.entry USING btree (person, id DESC) WHERE (person IS NOT NULL);

-- Name: entry_request; Type: INDEX; Schema: ledger; Owner: -
--
CREATE INDEX entry_request ON ledger.entry USING btree (request);

-- Name: entry_subject; Type: INDEX; Schema: ledger; Owner: -
--
CREATE INDEX entry_subject ON ledger.entry USING btree (subject, id DESC) WHERE (subject IS NOT NULL);

-- Name: entry_thing; Type: INDEX; Schema: ledger; Owner: -
--
CREATE INDEX entry_thing ON ledger.entry USING btree (thing_kind, thing, id DESC);

-- Name: entry_txid; Type: INDEX; Schema: ledger; Owner: -
--
CREATE INDEX entry_txid ON ledger.entry USING btree (txid, id);

-- Name: message_once; Type: INDEX; Schema: notice; Owner: -
--
CREATE UNIQUE INDEX message_once ON notice.message USING btree (once, template, COALESCE(person, organisation, post)) WHERE (once IS NOT NULL);

-- Name: message_organisation; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX message_organisation ON notice.message USING btree (organisation, created DESC) WHERE (organisation IS NOT NULL);

-- Name: message_person; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX message_person ON notice.message USING btree (person, created DESC) WHERE (person IS NOT NULL);

-- Name: message_post; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX message_post ON notice.message USING btree (post, created DESC) WHERE (post IS NOT NULL);

-- Name: message_unread; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX message_unread ON notice.message USING btree (COALESCE(person, organisation, post)) WHERE (read_at IS NULL);

-- Name: delegation_organisation; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX delegation_organisation ON party.delegation USING btree (organisation, expires);

-- Name: delegation_person; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX delegation_person ON party.delegation USING btree (person, expires);

-- Name: holding_ends; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX holding_ends ON party.holding USING btree (ends) WHERE ((NOT told) AND (ends IS NOT NULL));

-- Name: holding_person; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX holding_person ON party.holding USING btree (person);

-- Name: holding_post; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX holding_post ON party.holding USING btree (post);

-- Name: invite_account; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX invite_account ON party.invite USING btree (account);

-- Name: invite_expires; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX invite_expires ON party.invite USING btree (expires);

-- Name: organisation_parent; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX organisation_parent ON party.organisation USING btree (parent, name_zh);

-- Name: organisation_region; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX organisation_region ON party.organisation USING btree (region, kind, name_zh);

-- Name: organisation_representative; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX organisation_representative ON party.organisation USING btree (representative) WHERE (representative IS NOT NULL);

-- Name: person_name; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX person_name ON party.person USING btree (name, id);

-- Name: post_organisation; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX post_organisation ON party.post USING btree (organisation, title_zh);

-- Name: post_roles; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX post_roles ON party.post USING gin (roles);

-- Name: proof_expires; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX proof_expires ON party.proof USING btree (expires);

-- Name: recovery_open; Type: INDEX; Schema: party; Owner: -
--
CREATE UNIQUE INDEX recovery_open ON party.recovery USING btree (account) WHERE ((released IS NULL) AND (stopped IS NULL));

-- Name: recovery_started; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX recovery_started ON party.recovery USING btree (started DESC);

-- Name: region_parent; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX region_parent ON party.region USING btree (parent, code);

-- Name: session_account; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX session_account ON party.session USING btree (account, created DESC);

-- Name: session_behalf; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX session_behalf ON party.session USING btree (behalf, account) WHERE ((behalf IS NOT NULL) AND (revoked_at IS NULL));

-- Name: session_expires; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX session_expires ON party.session USING btree (expires);

-- Name: substitution_ends; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX substitution_ends ON party.substitution USING btree (ends) WHERE (NOT told);

-- Name: substitution_person; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX substitution_person ON party.substitution USING btree (person);

-- Name: substitution_post; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX substitution_post ON party.substitution USING btree (post);

-- Name: throttle_since; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX throttle_since ON party.throttle USING btree (since);

-- Name: instance_thing; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX instance_thing ON process.instance USING btree (thing);

-- Name: past_record; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX past_record ON registry.past USING btree (dataset, record, until DESC);

-- Name: rating_item; Type: INDEX; Schema: service; Owner: -
--
CREATE INDEX rating_item ON service.rating USING btree (item, at DESC);

-- Name: change_key; Type: INDEX; Schema: setting; Owner: -
--
CREATE INDEX change_key ON setting.change USING btree (key, number DESC);

-- Name: ceremony_expires; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX ceremony_expires ON signon.ceremony USING btree (expires);

-- Name: code_visit; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX code_visit ON signon.code USING btree (visit);

-- Name: passkey_account; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX passkey_account ON signon.passkey USING btree (account, created);

-- Name: signing_key_alg; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX signing_key_alg ON signon.signing_key USING btree (alg, signs_from DESC);

-- Name: token_visit; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX token_visit ON signon.token USING btree (visit);

-- Name: visit_account; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX visit_account ON signon.visit USING btree (account, created DESC);

-- Name: visit_expires; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX visit_expires ON signon.visit USING btree (expires);

-- Name: visit_session; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX visit_session ON signon.visit USING btree (session);

-- Name: document keep; Type: TRIGGER; Schema: document; Owner: -
--
CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON document.document FOR EACH ROW EXECUTE FUNCTION document.keep();

-- Name: checkpoint append_only; Type: TRIGGER; Schema: ledger; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

ALTER TABLE ledger.checkpoint ENABLE ALWAYS TRIGGER append_only;

-- Name: entry append_only; Type: TRIGGER; Schema: ledger; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.entry FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER append_only;

-- Name: key append_only; Type: TRIGGER; Schema: ledger; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.key FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

ALTER TABLE ledger.key ENABLE ALWAYS TRIGGER append_only;

-- Name: leaf append_only; Type: TRIGGER; Schema: ledger; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.leaf FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

ALTER TABLE ledger.leaf ENABLE ALWAYS TRIGGER append_only;

-- Name: node append_only; Type: TRIGGER; Schema: ledger; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.node FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

ALTER TABLE ledger.node ENABLE ALWAYS TRIGGER append_only;

-- Name: post roles_stay; Type: TRIGGER; Schema: party; Owner: -
--
CREATE TRIGGER roles_stay BEFORE UPDATE OF roles ON party.post FOR EACH ROW WHEN ((old.roles IS DISTINCT FROM new.roles)) EXECUTE FUNCTION party.roles_stay();

-- Name: holding three_administrators; Type: TRIGGER; Schema: party; Owner: -
--
CREATE TRIGGER three_administrators AFTER INSERT OR UPDATE ON party.holding FOR EACH ROW EXECUTE FUNCTION party.three_administrators();

-- Name: substitution three_administrators; Type: TRIGGER; Schema: party; Owner: -
--
CREATE TRIGGER three_administrators AFTER INSERT OR UPDATE ON party.substitution FOR EACH ROW EXECUTE FUNCTION party.three_administrators();

-- Name: event event_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.event
    ADD CONSTRAINT event_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: material material_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.material
    ADD CONSTRAINT material_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: note note_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.note
    ADD CONSTRAINT note_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: suspension suspension_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.suspension
    ADD CONSTRAINT suspension_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: todo todo_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.todo
    ADD CONSTRAINT todo_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: file file_draft_fkey; Type: FK CONSTRAINT; Schema: form; Owner: -
--
ALTER TABLE ONLY form.file
    ADD CONSTRAINT file_draft_fkey FOREIGN KEY (draft) REFERENCES form.draft(id) ON DELETE CASCADE;

-- Name: checkpoint checkpoint_key_fkey; Type: FK CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger.checkpoint
    ADD CONSTRAINT checkpoint_key_fkey FOREIGN KEY (key) REFERENCES ledger.key(id);

-- Name: leaf leaf_entry_fkey; Type: FK CONSTRAINT; Schema: ledger; Owner: -
--
ALTER TABLE ONLY ledger.leaf
    ADD CONSTRAINT leaf_entry_fkey FOREIGN KEY (entry) REFERENCES ledger.entry(id);

-- Name: account account_person_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.account
    ADD CONSTRAINT account_person_fkey FOREIGN KEY (person) REFERENCES party.person(id);

-- Name: delegation delegation_granted_by_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.delegation
    ADD CONSTRAINT delegation_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES party.person(id);

-- Name: delegation delegation_organisation_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.delegation
    ADD CONSTRAINT delegation_organisation_fkey FOREIGN KEY (organisation) REFERENCES party.organisation(id);

-- Name: delegation delegation_person_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.delegation
    ADD CONSTRAINT delegation_person_fkey FOREIGN KEY (person) REFERENCES party.person(id);

-- Name: holding holding_person_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.holding
    ADD CONSTRAINT holding_person_fkey FOREIGN KEY (person) REFERENCES party.person(id);

-- Name: holding holding_post_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.holding
    ADD CONSTRAINT holding_post_fkey FOREIGN KEY (post) REFERENCES party.post(id);

-- Name: invite invite_account_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.invite
    ADD CONSTRAINT invite_account_fkey FOREIGN KEY (account) REFERENCES party.account(id);

-- Name: organisation organisation_parent_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.organisation
    ADD CONSTRAINT organisation_parent_fkey FOREIGN KEY (parent) REFERENCES party.organisation(id);

-- Name: organisation organisation_representative_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.organisation
    ADD CONSTRAINT organisation_representative_fkey FOREIGN KEY (representative) REFERENCES party.person(id);

-- Name: post post_organisation_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.post
    ADD CONSTRAINT post_organisation_fkey FOREIGN KEY (organisation) REFERENCES party.organisation(id);

-- Name: proof proof_account_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.proof
    ADD CONSTRAINT proof_account_fkey FOREIGN KEY (account) REFERENCES party.account(id);

-- Name: recovery recovery_account_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.recovery
    ADD CONSTRAINT recovery_account_fkey FOREIGN KEY (account) REFERENCES party.account(id);

-- Name: recovery_code recovery_code_account_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.recovery_code
    ADD CONSTRAINT recovery_code_account_fkey FOREIGN KEY (account) REFERENCES party.account(id);

-- Name: recovery recovery_confirmed_by_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.recovery
    ADD CONSTRAINT recovery_confirmed_by_fkey FOREIGN KEY (confirmed_by) REFERENCES party.person(id);

-- Name: recovery recovery_started_by_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.recovery
    ADD CONSTRAINT recovery_started_by_fkey FOREIGN KEY (started_by) REFERENCES party.person(id);

-- Name: region region_parent_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.region
    ADD CONSTRAINT region_parent_fkey FOREIGN KEY (parent) REFERENCES party.region(code);

-- Name: session session_account_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.session
    ADD CONSTRAINT session_account_fkey FOREIGN KEY (account) REFERENCES party.account(id);

-- Name: session session_behalf_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.session
    ADD CONSTRAINT session_behalf_fkey FOREIGN KEY (behalf) REFERENCES party.organisation(id);

-- Name: session session_post_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.session
    ADD CONSTRAINT session_post_fkey FOREIGN KEY (post) REFERENCES party.post(id);

-- Name: substitution substitution_named_by_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.substitution
    ADD CONSTRAINT substitution_named_by_fkey FOREIGN KEY (named_by) REFERENCES party.person(id);

-- Name: substitution substitution_person_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.substitution
    ADD CONSTRAINT substitution_person_fkey FOREIGN KEY (person) REFERENCES party.person(id);

-- Name: substitution substitution_post_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.substitution
    ADD CONSTRAINT substitution_post_fkey FOREIGN KEY (post) REFERENCES party.post(id);

-- Name: history history_instance_fkey; Type: FK CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.history
    ADD CONSTRAINT history_instance_fkey FOREIGN KEY (instance) REFERENCES process.instance(id);

-- Name: instance instance_definition_fkey; Type: FK CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.instance
    ADD CONSTRAINT instance_definition_fkey FOREIGN KEY (definition) REFERENCES process.definition(digest);

-- Name: change change_reverts_fkey; Type: FK CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting.change
    ADD CONSTRAINT change_reverts_fkey FOREIGN KEY (reverts) REFERENCES setting.change(number);

-- Name: code code_visit_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.code
    ADD CONSTRAINT code_visit_fkey FOREIGN KEY (visit) REFERENCES signon.visit(id) ON DELETE CASCADE;

-- Name: consent consent_client_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.consent
    ADD CONSTRAINT consent_client_fkey FOREIGN KEY (client) REFERENCES signon.client(id);

-- Name: token token_visit_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.token
    ADD CONSTRAINT token_visit_fkey FOREIGN KEY (visit) REFERENCES signon.visit(id) ON DELETE CASCADE;

-- Name: visit visit_client_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.visit
    ADD CONSTRAINT visit_client_fkey FOREIGN KEY (client) REFERENCES signon.client(id);

-- PostgreSQL database dump complete
--
