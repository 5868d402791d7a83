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

-- Name: catalog; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA catalog;

-- Name: db; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA db;

-- Name: document; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA document;

-- Name: exchange; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA exchange;

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

-- Name: portal; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA portal;

-- Name: process; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA process;

-- Name: rating; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA rating;

-- Name: registry; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA registry;

-- Name: reporting; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA reporting;

-- Name: service; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA service;

-- Name: setting; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA setting;

-- Name: sharing; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA sharing;

-- Name: signon; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA signon;

-- Name: supervision; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA supervision;

-- Name: vault; Type: SCHEMA; Schema: -; Owner: -
--
CREATE SCHEMA vault;

-- Name: keep_archive(); Type: FUNCTION; Schema: casework; Owner: -
--
CREATE FUNCTION casework.keep_archive() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'archives are not deleted';
    END IF;
    IF old.digest IS NULL OR new.digest IS NOT NULL OR new.file IS NOT NULL OR old.keep_until IS NULL
        OR new.erased_at < old.keep_until::timestamp AT TIME ZONE 'Asia/Shanghai'
        OR (to_jsonb(new) - 'digest' - 'file' - 'erased_at') <> (to_jsonb(old) - 'digest' - 'file' - 'erased_at') THEN
        RAISE EXCEPTION 'an archive is not changed before its time is over';
    END IF;
    RETURN new;
END
$$;

-- Name: keep_charge(); Type: FUNCTION; Schema: casework; Owner: -
--
CREATE FUNCTION casework.keep_charge() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    free constant text[] := ARRAY['recorded_by', 'struck_reason', 'struck_by', 'struck_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'charges are not deleted';
    END IF;
    IF (to_jsonb(new) - free) <> (to_jsonb(old) - free)
        OR new.recorded_by NOT IN (old.recorded_by, '')
        OR (old.struck_at IS NOT NULL
            AND (new.struck_at IS DISTINCT FROM old.struck_at OR new.struck_by NOT IN (old.struck_by, ''))) THEN
        RAISE EXCEPTION 'a charge is not changed; it is struck out, once';
    END IF;
    RETURN new;
END
$$;

-- Name: refuse(); Type: FUNCTION; Schema: catalog; Owner: -
--
CREATE FUNCTION catalog.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a code that was given is never changed and never given again';
END $$;

-- Name: keep(); Type: FUNCTION; Schema: document; Owner: -
--
CREATE FUNCTION document.keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'papers are not deleted';
    END IF;
    IF (to_jsonb(new) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by' - 'ended_how' - 'holder_name' - 'data')
            <> (to_jsonb(old) - 'blob' - 'revoked_at' - 'revoke_reason' - 'revoked_by' - 'ended_how' - 'holder_name' - 'data')
        OR (new.holder_name <> old.holder_name AND new.holder_name NOT LIKE 'sealed:5a01%')
        OR (new.data <> old.data AND NOT (jsonb_typeof(new.data) = 'string'
            AND new.data #>> '{}' LIKE 'sealed:5a01%'))
        OR (old.blob IS NOT NULL AND new.blob IS DISTINCT FROM old.blob)
        OR (new.revoked_at IS NULL AND new.ended_how <> old.ended_how)
        OR (old.revoked_at IS NOT NULL AND (new.revoked_at, new.revoked_by, new.ended_how)
            IS DISTINCT FROM (old.revoked_at, old.revoked_by, old.ended_how))
        OR (old.revoked_at IS NOT NULL AND new.revoke_reason IS DISTINCT FROM old.revoke_reason
            AND coalesce(new.revoke_reason, '') NOT LIKE 'sealed:5a01%') THEN
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

-- Name: holds(jsonb, jsonb, text[], jsonb); Type: FUNCTION; Schema: portal; Owner: -
--
CREATE FUNCTION portal.holds(record jsonb, wanted jsonb, patterns text[], parts jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(wanted) AS each
            WHERE NOT EXISTS (
                SELECT 1 FROM jsonb_array_elements(each -> 'any') AS one WHERE record -> (each ->> 'field') = one))
        AND record::text ILIKE ALL (patterns)
        AND NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(parts) AS part
            WHERE NOT coalesce(record ->> (part ->> 'field') ILIKE part ->> 'pattern', false))
$$;

-- Name: keep_published(); Type: FUNCTION; Schema: process; Owner: -
--
CREATE FUNCTION process.keep_published() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a published design does not change';
END $$;

-- Name: refuse(); Type: FUNCTION; Schema: supervision; Owner: -
--
CREATE FUNCTION supervision.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'what supervision saw is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'insufficient_privilege';
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

-- Name: archive; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.archive (
    "case" text NOT NULL,
    at timestamp with time zone NOT NULL,
    acts integer NOT NULL,
    papers integer NOT NULL,
    digest text,
    file text,
    keep_until date,
    erased_at timestamp with time zone,
    CONSTRAINT archive_check CHECK (((digest IS NULL) = (erased_at IS NOT NULL)))
);

-- Name: arrangement; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.arrangement (
    account uuid NOT NULL,
    columns text[] NOT NULL,
    rows integer NOT NULL
);

-- Name: bulk; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.bulk (
    id uuid NOT NULL,
    account uuid NOT NULL,
    act text NOT NULL,
    officer jsonb NOT NULL,
    tasks jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    state text NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    missed integer DEFAULT 0 NOT NULL
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
    retired_at timestamp with time zone,
    assisting uuid[] DEFAULT '{}'::uuid[] NOT NULL
);

-- Name: charge; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.charge (
    "case" text NOT NULL,
    seq integer NOT NULL,
    item text,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    basis_zh text,
    basis_en text,
    amount bigint NOT NULL,
    listed bigint,
    receipt text NOT NULL,
    charged_on date NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    struck_reason text,
    struck_by text,
    struck_at timestamp with time zone,
    CONSTRAINT charge_amount_check CHECK ((amount > 0)),
    CONSTRAINT charge_check CHECK ((((basis_zh IS NULL) = (basis_en IS NULL)) AND ((item IS NOT NULL) OR (listed IS NULL)))),
    CONSTRAINT charge_listed_check CHECK ((listed >= 0)),
    CONSTRAINT charge_struck CHECK ((((struck_at IS NULL) = (struck_by IS NULL)) AND ((struck_by IS NULL) = (struck_reason IS NULL))))
);

-- Name: clock; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.clock (
    id uuid NOT NULL,
    "case" text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    seq integer NOT NULL,
    side text NOT NULL,
    todo uuid,
    calendar text NOT NULL,
    unit text NOT NULL,
    budget integer NOT NULL,
    born bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    revision bigint NOT NULL,
    consumed integer DEFAULT 0 NOT NULL,
    running_since timestamp with time zone,
    due_at timestamp with time zone,
    due_day date,
    provisional boolean DEFAULT false NOT NULL,
    next_rung text,
    next_rung_at timestamp with time zone
);

-- Name: clock_change; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.clock_change (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    ordered_by text NOT NULL,
    reason text NOT NULL,
    calendar text,
    days text,
    kind text,
    name text,
    unit text,
    budget integer,
    from_day date,
    CONSTRAINT clock_change_check CHECK ((((calendar IS NULL) = (days IS NULL)) AND ((kind IS NULL) = (budget IS NULL)) AND ((calendar IS NULL) <> (kind IS NULL))))
);

-- Name: clock_change_id_seq; Type: SEQUENCE; Schema: casework; Owner: -
--
ALTER TABLE casework.clock_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.clock_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: deferred; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.deferred (
    "case" text NOT NULL,
    seq integer NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    state text NOT NULL,
    owed_at timestamp with time zone,
    supplied_at timestamp with time zone
);

-- Name: delivery; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.delivery (
    "case" text NOT NULL,
    seq integer NOT NULL,
    way text NOT NULL,
    words text NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    sent_by text NOT NULL,
    counts_on date,
    served_on date,
    proof text,
    served_by text,
    recorded_at timestamp with time zone,
    CONSTRAINT delivery_check CHECK (((served_on IS NULL) = (recorded_at IS NULL))),
    CONSTRAINT delivery_way_check CHECK ((way = ANY (ARRAY['electronic'::text, 'window'::text, 'express'::text, 'announcement'::text])))
);

-- Name: draft; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.draft (
    todo uuid NOT NULL,
    account uuid NOT NULL,
    outcome text NOT NULL,
    "case" text NOT NULL,
    words text NOT NULL,
    at timestamp with time zone NOT NULL
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

-- Name: extension; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.extension (
    "case" text NOT NULL,
    seq integer NOT NULL,
    clock uuid NOT NULL,
    amount integer NOT NULL,
    reason text NOT NULL,
    ordered_by text NOT NULL,
    notice text,
    at timestamp with time zone NOT NULL
);

-- Name: filter; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.filter (
    id uuid NOT NULL,
    account uuid NOT NULL,
    name text NOT NULL,
    sought jsonb NOT NULL,
    first boolean DEFAULT false NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: link; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.link (
    child text NOT NULL,
    parent text NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    ordered_by text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT link_check CHECK ((child <> parent)),
    CONSTRAINT link_kind_check CHECK ((kind = ANY (ARRAY['merge'::text, 'split'::text])))
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
    at timestamp with time zone NOT NULL,
    added_by text,
    added_in uuid,
    node text,
    step_zh text,
    step_en text,
    CONSTRAINT material_added CHECK ((((added_by IS NULL) = (added_in IS NULL)) AND ((added_in IS NULL) = (node IS NULL)) AND ((node IS NULL) = (step_zh IS NULL)) AND ((step_zh IS NULL) = (step_en IS NULL))))
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

-- Name: phrase; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.phrase (
    id uuid NOT NULL,
    account uuid NOT NULL,
    effect text NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: presence; Type: TABLE; Schema: casework; Owner: -
--
CREATE UNLOGGED TABLE casework.presence (
    "case" text NOT NULL,
    account uuid NOT NULL,
    name text NOT NULL,
    since timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    writing boolean NOT NULL
);

-- Name: procedure; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.procedure (
    "case" text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    content text,
    requested_by text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    told_days integer NOT NULL,
    unit text NOT NULL,
    notice text,
    approved_by text,
    approved_at timestamp with time zone,
    approval text,
    begun_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_by text,
    result text,
    opinion text,
    department uuid NOT NULL,
    department_name text NOT NULL,
    todo uuid
);

-- Name: responsible; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.responsible (
    "case" text NOT NULL,
    seq integer NOT NULL,
    account uuid NOT NULL,
    name text NOT NULL,
    department uuid NOT NULL,
    how text NOT NULL,
    node text,
    at timestamp with time zone NOT NULL
);

-- Name: rung; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.rung (
    clock uuid NOT NULL,
    rung text NOT NULL,
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
    to_day date,
    clocks text[] NOT NULL,
    from_at timestamp with time zone NOT NULL,
    to_at timestamp with time zone,
    told_days integer NOT NULL,
    notice text,
    told_until date,
    overlong_at timestamp with time zone,
    procedure integer
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
    outcome text,
    department_name text DEFAULT ''::text NOT NULL,
    lead boolean DEFAULT true NOT NULL,
    by_default text,
    visit bigint DEFAULT 0 NOT NULL,
    several boolean DEFAULT false NOT NULL,
    followed boolean DEFAULT false NOT NULL,
    purpose text,
    of_task text,
    given boolean DEFAULT false NOT NULL,
    lent boolean DEFAULT false NOT NULL,
    waits boolean DEFAULT false NOT NULL,
    asked_by text,
    begun_at timestamp with time zone
);

-- Name: undertaking; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.undertaking (
    "case" text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    words text NOT NULL,
    words_digest text NOT NULL,
    material integer,
    signed_by text NOT NULL,
    recorded_by text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: urge; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.urge (
    "case" text NOT NULL,
    day date NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: used; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.used (
    "case" text NOT NULL,
    dataset text NOT NULL,
    item text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: voucher; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.voucher (
    "case" text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    document uuid NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    number text NOT NULL,
    contents text NOT NULL,
    at timestamp with time zone NOT NULL,
    opened_at timestamp with time zone,
    opened_by uuid
);

-- Name: withheld; Type: TABLE; Schema: casework; Owner: -
--
CREATE TABLE casework.withheld (
    "case" text NOT NULL,
    task text NOT NULL,
    node text NOT NULL,
    action text NOT NULL,
    notice text,
    at timestamp with time zone NOT NULL
);

-- Name: _migrations; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: arrival; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog.arrival (
    resource uuid NOT NULL,
    dataset text NOT NULL,
    provider uuid NOT NULL,
    cycle text NOT NULL,
    since timestamp with time zone NOT NULL,
    arrived_at timestamp with time zone,
    due_day date,
    overdue boolean DEFAULT false NOT NULL
);

-- Name: code; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog.code (
    code text NOT NULL,
    slug text NOT NULL,
    resource uuid NOT NULL,
    grammar text NOT NULL,
    given_at timestamp with time zone NOT NULL
);

-- Name: entry; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog.entry (
    id uuid NOT NULL,
    list text NOT NULL,
    unit uuid NOT NULL,
    title text NOT NULL,
    note text NOT NULL,
    item text,
    resource text,
    other text,
    since timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT entry_list_check CHECK ((list = ANY (ARRAY['duty'::text, 'system'::text, 'data'::text, 'demand'::text, 'responsibility'::text, 'negative'::text])))
);

-- Name: import; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog.import (
    id uuid NOT NULL,
    unit uuid NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    read_by text NOT NULL,
    at timestamp with time zone NOT NULL,
    plan jsonb NOT NULL,
    applied_at timestamp with time zone
);

-- Name: resource; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog.resource (
    id uuid NOT NULL,
    provider uuid NOT NULL,
    code text
);

-- Name: shown; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog.shown (
    place bigint NOT NULL,
    resource uuid NOT NULL,
    code text NOT NULL,
    slug text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    summary_zh text NOT NULL,
    summary_en text NOT NULL,
    provider uuid NOT NULL,
    class text NOT NULL,
    sharing text NOT NULL,
    openness text NOT NULL,
    cycle text NOT NULL,
    format text NOT NULL,
    published_on date NOT NULL,
    words tsvector NOT NULL,
    finds tsvector GENERATED ALWAYS AS ((words || array_to_tsvector(ARRAY[('#p'::text || provider), ('#c'::text || "left"(class, 1)), ('#c'::text || "left"(class, 3)), ('#c'::text || "left"(class, 6)), ('#s'::text || sharing), ('#o'::text || openness), ('#y'::text || cycle), ('#f'::text || format)]))) STORED NOT NULL
);
ALTER TABLE ONLY catalog.shown ALTER COLUMN words SET STATISTICS 0;
ALTER TABLE ONLY catalog.shown ALTER COLUMN finds SET STATISTICS 1000;

-- Name: shown_place_seq; Type: SEQUENCE; Schema: catalog; Owner: -
--
ALTER TABLE catalog.shown ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME catalog.shown_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: tie; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog.tie (
    resource uuid NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    CONSTRAINT tie_kind_check CHECK ((kind = ANY (ARRAY['related'::text, 'source'::text])))
);

-- Name: version; Type: TABLE; Schema: catalog; Owner: -
--
CREATE TABLE catalog.version (
    resource uuid NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    body jsonb NOT NULL,
    compiled_by uuid NOT NULL,
    compiler text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone,
    reviewed_at timestamp with time zone,
    reviewer text,
    refusal text,
    published_at timestamp with time zone,
    publisher text,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT version_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'reviewed'::text, 'published'::text, 'replaced'::text, 'withdrawn'::text])))
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

-- Name: number; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db.number (
    series text NOT NULL,
    number bigint NOT NULL
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

-- Name: series; Type: TABLE; Schema: db; Owner: -
--
CREATE TABLE db.series (
    name text NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT series_last_check CHECK ((last > 0))
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
    ended_how text DEFAULT 'revoked'::text NOT NULL,
    CONSTRAINT document_blob_check CHECK ((blob ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT document_check CHECK ((valid_to >= valid_from)),
    CONSTRAINT document_check1 CHECK (((revoked_at IS NULL) = (revoke_reason IS NULL))),
    CONSTRAINT document_check2 CHECK (((revoked_by IS NULL) OR (revoked_at IS NOT NULL))),
    CONSTRAINT document_code_check CHECK ((code ~ '^[0-9A-HJKMNP-TV-Z]{26}$'::text)),
    CONSTRAINT document_ended_how_check CHECK ((ended_how = ANY (ARRAY['revoked'::text, 'replaced'::text, 'cancelled'::text]))),
    CONSTRAINT document_kind_check CHECK ((kind = ANY (ARRAY['licence'::text, 'notice'::text, 'receipt'::text])))
);

-- Name: _migrations; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: access; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.access (
    id uuid NOT NULL,
    client uuid NOT NULL,
    service uuid NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    purpose text NOT NULL,
    basis text NOT NULL,
    valid_to timestamp with time zone NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

-- Name: channel; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.channel (
    id uuid NOT NULL,
    code text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    mode text NOT NULL,
    sender uuid NOT NULL,
    receiver uuid NOT NULL,
    path text NOT NULL,
    basis text NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    next bigint DEFAULT 1 NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT channel_mode_check CHECK ((mode = ANY (ARRAY['message'::text, 'table'::text, 'file'::text])))
);

-- Name: chunk; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.chunk (
    parcel uuid NOT NULL,
    no integer NOT NULL,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    sealed bytea,
    delivered timestamp with time zone
);

-- Name: key; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.key (
    id text NOT NULL,
    system uuid NOT NULL,
    algorithm text NOT NULL,
    public bytea NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_to timestamp with time zone NOT NULL,
    added_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT key_algorithm_check CHECK ((algorithm = ANY (ARRAY['ed25519'::text, 'sm2-sm3'::text])))
);

-- Name: member; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.member (
    id uuid NOT NULL,
    instance text NOT NULL,
    class text NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    organisation uuid,
    at timestamp with time zone NOT NULL,
    CONSTRAINT member_class_check CHECK ((class = ANY (ARRAY['GOV'::text, 'PUB'::text, 'COM'::text])))
);

-- Name: message; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.message (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    message_id text NOT NULL,
    client uuid NOT NULL,
    client_text text NOT NULL,
    provider uuid,
    service uuid,
    service_text text NOT NULL,
    method text NOT NULL,
    issue text,
    key text NOT NULL,
    signature bytea NOT NULL,
    replay bytea NOT NULL,
    request_hash bytea NOT NULL,
    request_digest text NOT NULL,
    request_bytes bigint NOT NULL,
    request_sealed bytea,
    status integer,
    error text,
    response_digest text,
    response_bytes bigint,
    response_sealed bytea,
    gateway_key text,
    gateway_signature bytea,
    took_us bigint,
    entry bigint
);

-- Name: parcel; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.parcel (
    id uuid NOT NULL,
    channel uuid NOT NULL,
    seq bigint,
    key text NOT NULL,
    issue text,
    kind text NOT NULL,
    chunks integer NOT NULL,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    rows bigint,
    sums jsonb,
    state text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due timestamp with time zone NOT NULL,
    fault text,
    there_rows bigint,
    there_sums jsonb,
    there_digest text,
    at timestamp with time zone NOT NULL,
    CONSTRAINT parcel_state_check CHECK ((state = ANY (ARRAY['filling'::text, 'sent'::text, 'received'::text, 'stored'::text, 'processed'::text, 'dead'::text])))
);

-- Name: receipt; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.receipt (
    parcel uuid NOT NULL,
    stage text NOT NULL,
    at timestamp with time zone NOT NULL,
    digest text NOT NULL,
    entry bigint NOT NULL,
    CONSTRAINT receipt_stage_check CHECK ((stage = ANY (ARRAY['sent'::text, 'received'::text, 'stored'::text, 'processed'::text])))
);

-- Name: service; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.service (
    id uuid NOT NULL,
    system uuid NOT NULL,
    code text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    url text NOT NULL,
    keep text NOT NULL,
    endpoints jsonb NOT NULL,
    openapi text,
    state text NOT NULL,
    proposed_by uuid,
    proposed_at timestamp with time zone NOT NULL,
    CONSTRAINT service_keep_check CHECK ((keep = ANY (ARRAY['full'::text, 'digest'::text, 'none'::text]))),
    CONSTRAINT service_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'disabled'::text])))
);

-- Name: system; Type: TABLE; Schema: exchange; Owner: -
--
CREATE TABLE exchange.system (
    id uuid NOT NULL,
    member uuid NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    state text NOT NULL,
    proposed_by uuid,
    proposed_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    CONSTRAINT system_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'disabled'::text])))
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

-- Name: channel; Type: TABLE; Schema: notice; Owner: -
--
CREATE TABLE notice.channel (
    id uuid NOT NULL,
    person uuid,
    organisation uuid,
    way text NOT NULL,
    address text NOT NULL,
    lang text NOT NULL,
    added timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    code text,
    code_until timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    codes integer DEFAULT 0 NOT NULL,
    codes_day date NOT NULL,
    CONSTRAINT channel_check CHECK ((num_nonnulls(person, organisation) = 1)),
    CONSTRAINT channel_lang_check CHECK ((lang = ANY (ARRAY['zh'::text, 'en'::text]))),
    CONSTRAINT channel_way_check CHECK ((way = ANY (ARRAY['mail'::text, 'sms'::text])))
);

-- Name: delivery; Type: TABLE; Schema: notice; Owner: -
--
CREATE TABLE notice.delivery (
    id uuid NOT NULL,
    message uuid,
    way text NOT NULL,
    shown text NOT NULL,
    address text NOT NULL,
    words text NOT NULL,
    state text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    reason text,
    inside boolean DEFAULT false NOT NULL,
    queued timestamp with time zone NOT NULL,
    done timestamp with time zone,
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text]))),
    CONSTRAINT delivery_way_check CHECK ((way = ANY (ARRAY['mail'::text, 'sms'::text])))
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
    name_index bytea,
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

-- Name: used_step; Type: TABLE; Schema: party; Owner: -
--
CREATE TABLE party.used_step (
    account uuid NOT NULL,
    step bigint NOT NULL
);

-- Name: _migrations; Type: TABLE; Schema: portal; Owner: -
--
CREATE TABLE portal._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: collection; Type: TABLE; Schema: portal; Owner: -
--
CREATE TABLE portal.collection (
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    department uuid NOT NULL,
    source text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created timestamp with time zone NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT collection_kind_check CHECK ((kind = ANY (ARRAY['organization'::text, 'group'::text]))),
    CONSTRAINT collection_source_check CHECK ((source = ANY (ARRAY['portal'::text, 'platform'::text])))
);

-- Name: key; Type: TABLE; Schema: portal; Owner: -
--
CREATE TABLE portal.key (
    id uuid NOT NULL,
    digest bytea NOT NULL,
    account uuid NOT NULL,
    person uuid NOT NULL,
    post uuid NOT NULL,
    department uuid NOT NULL,
    title text NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    revoked timestamp with time zone,
    daily integer NOT NULL,
    day date,
    used integer DEFAULT 0 NOT NULL
);

-- Name: package; Type: TABLE; Schema: portal; Owner: -
--
CREATE TABLE portal.package (
    id uuid NOT NULL,
    name text NOT NULL,
    unit uuid NOT NULL,
    department uuid NOT NULL,
    source text NOT NULL,
    private boolean NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created timestamp with time zone NOT NULL,
    modified timestamp with time zone NOT NULL,
    title text NOT NULL,
    body jsonb NOT NULL,
    words text NOT NULL,
    terms text[] NOT NULL,
    looked timestamp with time zone,
    CONSTRAINT package_source_check CHECK ((source = ANY (ARRAY['portal'::text, 'platform'::text])))
);

-- Name: resource; Type: TABLE; Schema: portal; Owner: -
--
CREATE TABLE portal.resource (
    id uuid NOT NULL,
    package uuid NOT NULL,
    "position" integer NOT NULL,
    created timestamp with time zone NOT NULL,
    modified timestamp with time zone NOT NULL,
    body jsonb NOT NULL,
    digest text,
    shape jsonb
);

-- Name: row; Type: TABLE; Schema: portal; Owner: -
--
CREATE TABLE portal."row" (
    resource uuid NOT NULL,
    id bigint NOT NULL,
    key text,
    record jsonb NOT NULL
);

-- Name: version; Type: TABLE; Schema: portal; Owner: -
--
CREATE TABLE portal.version (
    package uuid NOT NULL,
    number integer NOT NULL,
    resource uuid NOT NULL,
    name text NOT NULL,
    made timestamp with time zone NOT NULL,
    mimetype text NOT NULL,
    rows bigint,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    CONSTRAINT version_number_check CHECK ((number > 0))
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

-- Name: beginning; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.beginning (
    name text NOT NULL,
    node text NOT NULL,
    digest text NOT NULL,
    kind text NOT NULL,
    event text NOT NULL,
    form text,
    due timestamp with time zone,
    still integer,
    fault text,
    faulted timestamp with time zone,
    CONSTRAINT beginning_check CHECK (((kind = 'timer'::text) = (form IS NOT NULL))),
    CONSTRAINT beginning_form_check CHECK ((form = ANY (ARRAY['date'::text, 'duration'::text, 'cycle'::text]))),
    CONSTRAINT beginning_kind_check CHECK ((kind = ANY (ARRAY['timer'::text, 'message'::text, 'signal'::text])))
);

-- Name: definition; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.definition (
    digest text NOT NULL,
    name text NOT NULL,
    xml text NOT NULL,
    first_used timestamp with time zone NOT NULL,
    source text
);

-- Name: design; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.design (
    number bigint NOT NULL,
    name text NOT NULL,
    xml text NOT NULL,
    digest text NOT NULL,
    base text NOT NULL,
    note text NOT NULL,
    stage text NOT NULL,
    valid_from date,
    author uuid NOT NULL,
    author_name text NOT NULL,
    revision integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone,
    decider uuid,
    decider_name text,
    decided_at timestamp with time zone,
    verdict text,
    CONSTRAINT design_check CHECK ((decider <> author)),
    CONSTRAINT design_check1 CHECK (((stage <> 'published'::text) OR ((decider IS NOT NULL) AND (decided_at IS NOT NULL) AND (valid_from IS NOT NULL)))),
    CONSTRAINT design_check2 CHECK (((stage <> 'submitted'::text) OR ((submitted_at IS NOT NULL) AND (valid_from IS NOT NULL)))),
    CONSTRAINT design_stage_check CHECK ((stage = ANY (ARRAY['draft'::text, 'submitted'::text, 'published'::text, 'dropped'::text])))
);

-- Name: design_number_seq; Type: SEQUENCE; Schema: process; Owner: -
--
ALTER TABLE process.design ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME process.design_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
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

-- Name: incident; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.incident (
    id uuid NOT NULL,
    instance uuid NOT NULL,
    node text NOT NULL,
    task bigint,
    kind text NOT NULL,
    cause text NOT NULL,
    command jsonb,
    opened timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    ended_by text,
    outcome text,
    reason text,
    CONSTRAINT incident_kind_check CHECK ((kind = ANY (ARRAY['command'::text, 'service'::text, 'timer'::text]))),
    CONSTRAINT incident_outcome_check CHECK ((outcome = ANY (ARRAY['retried'::text, 'skipped'::text, 'over'::text])))
);

-- Name: instance; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.instance (
    id uuid NOT NULL,
    definition text NOT NULL,
    thing text NOT NULL,
    state jsonb NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    commands integer DEFAULT 0 NOT NULL
);

-- Name: message; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.message (
    id uuid NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    vars jsonb NOT NULL,
    arrived timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL
);

-- Name: signalled; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.signalled (
    number bigint NOT NULL,
    name text NOT NULL,
    node text NOT NULL,
    signal text NOT NULL,
    vars jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: signalled_number_seq; Type: SEQUENCE; Schema: process; Owner: -
--
ALTER TABLE process.signalled ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME process.signalled_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: wait; Type: TABLE; Schema: process; Owner: -
--
CREATE TABLE process.wait (
    instance uuid NOT NULL,
    number bigint NOT NULL,
    node text NOT NULL,
    kind text NOT NULL,
    name text,
    key text,
    due timestamp with time zone,
    vars jsonb,
    CONSTRAINT wait_kind_check CHECK ((kind = ANY (ARRAY['timer'::text, 'message'::text, 'receive'::text, 'signal'::text, 'service'::text])))
);

-- Name: _migrations; Type: TABLE; Schema: rating; Owner: -
--
CREATE TABLE rating._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: answer; Type: TABLE; Schema: rating; Owner: -
--
CREATE TABLE rating.answer (
    rating uuid NOT NULL,
    words text NOT NULL,
    day date NOT NULL
);

-- Name: contact; Type: TABLE; Schema: rating; Owner: -
--
CREATE TABLE rating.contact (
    subject text NOT NULL,
    contact text NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    item text,
    department uuid NOT NULL,
    region text NOT NULL,
    day date NOT NULL,
    person uuid,
    organisation uuid,
    rating uuid
);

-- Name: matter; Type: TABLE; Schema: rating; Owner: -
--
CREATE TABLE rating.matter (
    no text NOT NULL,
    rating uuid NOT NULL,
    department uuid NOT NULL,
    item text,
    state text NOT NULL,
    round smallint NOT NULL,
    due_day date,
    in_time boolean,
    answered boolean NOT NULL,
    called_back boolean NOT NULL,
    settled boolean,
    version bigint DEFAULT 1 NOT NULL
);

-- Name: rating; Type: TABLE; Schema: rating; Owner: -
--
CREATE TABLE rating.rating (
    id uuid NOT NULL,
    item text,
    department uuid NOT NULL,
    region text NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    channel text NOT NULL,
    level smallint NOT NULL,
    indicators jsonb NOT NULL,
    words text NOT NULL,
    rules text NOT NULL,
    day date NOT NULL,
    excluded boolean DEFAULT false NOT NULL,
    reviewed text,
    shown_words text,
    shown_day date,
    CONSTRAINT rating_level_check CHECK (((level >= 1) AND (level <= 5))),
    CONSTRAINT rating_reviewed_check CHECK ((reviewed = ANY (ARRAY['shown'::text, 'held'::text])))
);

-- Name: step; Type: TABLE; Schema: rating; Owner: -
--
CREATE TABLE rating.step (
    matter text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    words text NOT NULL
);

-- Name: visit; Type: TABLE; Schema: rating; Owner: -
--
CREATE TABLE rating.visit (
    digest text NOT NULL,
    subject text NOT NULL,
    item text,
    department uuid NOT NULL,
    region text NOT NULL,
    expires_at timestamp with time zone NOT NULL
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

-- Name: entity; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.entity (
    grp text NOT NULL,
    id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    gone timestamp with time zone,
    into_entity bigint
);

-- Name: entity_member; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.entity_member (
    grp text NOT NULL,
    record uuid NOT NULL,
    dataset text NOT NULL,
    entity bigint NOT NULL,
    seen timestamp with time zone NOT NULL
);

-- Name: feed; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.feed (
    id text NOT NULL,
    looked timestamp with time zone NOT NULL,
    tag text,
    load bigint,
    error_zh text,
    error_en text,
    failing_since timestamp with time zone
);

-- Name: load; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.load (
    id uuid NOT NULL,
    number bigint NOT NULL,
    dataset text NOT NULL,
    state text NOT NULL,
    mode text NOT NULL,
    file text NOT NULL,
    file_name text NOT NULL,
    file_bytes bigint NOT NULL,
    layout jsonb NOT NULL,
    mapping jsonb NOT NULL,
    watermark text,
    since text,
    repeats bigint,
    source text NOT NULL,
    account uuid,
    progress jsonb NOT NULL,
    error_zh text,
    error_en text,
    created timestamp with time zone NOT NULL,
    started timestamp with time zone,
    finished timestamp with time zone,
    CONSTRAINT load_mode_check CHECK ((mode = ANY (ARRAY['upsert'::text, 'full'::text, 'incremental'::text]))),
    CONSTRAINT load_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'waiting'::text, 'reading'::text, 'applying'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);

-- Name: load_fault; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.load_fault (
    load uuid NOT NULL,
    number bigint NOT NULL,
    line bigint NOT NULL,
    field text,
    raw text NOT NULL,
    reason_zh text NOT NULL,
    reason_en text NOT NULL
);

-- Name: match_group; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.match_group (
    id text NOT NULL,
    model bytea,
    plan text,
    learned timestamp with time zone,
    records bigint DEFAULT 0 NOT NULL,
    next_entity bigint DEFAULT 1 NOT NULL,
    error_zh text,
    error_en text
);

-- Name: match_key; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.match_key (
    grp text NOT NULL,
    record uuid NOT NULL,
    pass smallint NOT NULL,
    key bytea NOT NULL,
    dataset text NOT NULL
);

-- Name: match_pair; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.match_pair (
    grp text NOT NULL,
    left_record uuid NOT NULL,
    right_record uuid NOT NULL,
    weight double precision NOT NULL,
    state text NOT NULL,
    found timestamp with time zone NOT NULL,
    decided timestamp with time zone,
    decided_by uuid,
    reason text,
    CONSTRAINT match_pair_check CHECK ((left_record < right_record)),
    CONSTRAINT match_pair_check1 CHECK (((state = ANY (ARRAY['same'::text, 'different'::text])) = (decided IS NOT NULL))),
    CONSTRAINT match_pair_state_check CHECK ((state = ANY (ARRAY['joined'::text, 'doubtful'::text, 'same'::text, 'different'::text])))
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
    until timestamp with time zone,
    valid_from date,
    ended_key text,
    place bigint NOT NULL,
    struck_at timestamp with time zone,
    struck_why text,
    CONSTRAINT past_check CHECK (((struck_why IS NULL) OR (struck_at IS NOT NULL)))
);

-- Name: past_place_seq; Type: SEQUENCE; Schema: registry; Owner: -
--
ALTER TABLE registry.past ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME registry.past_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: quality_fault; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.quality_fault (
    run uuid NOT NULL,
    rule text NOT NULL,
    record uuid NOT NULL
);

-- Name: quality_run; Type: TABLE; Schema: registry; Owner: -
--
CREATE TABLE registry.quality_run (
    id uuid NOT NULL,
    dataset text NOT NULL,
    records bigint NOT NULL,
    completeness double precision NOT NULL,
    consistency double precision NOT NULL,
    timeliness double precision NOT NULL,
    results jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: _migrations; Type: TABLE; Schema: reporting; Owner: -
--
CREATE TABLE reporting._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: fault; Type: TABLE; Schema: reporting; Owner: -
--
CREATE TABLE reporting.fault (
    run uuid NOT NULL,
    table_name text NOT NULL,
    guid text NOT NULL,
    subject text NOT NULL,
    field text NOT NULL,
    title text NOT NULL,
    rule text NOT NULL,
    mend_zh text NOT NULL,
    mend_en text NOT NULL
);

-- Name: feedback; Type: TABLE; Schema: reporting; Owner: -
--
CREATE TABLE reporting.feedback (
    guid text NOT NULL,
    table_name text NOT NULL,
    row_guid text NOT NULL,
    kind text NOT NULL,
    remark text NOT NULL,
    batch text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: run; Type: TABLE; Schema: reporting; Owner: -
--
CREATE TABLE reporting.run (
    id uuid NOT NULL,
    batch text NOT NULL,
    from_day date NOT NULL,
    to_day date NOT NULL,
    ordered_by text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    tables jsonb NOT NULL,
    manifest text NOT NULL,
    left_out bigint NOT NULL
);

-- Name: sent; Type: TABLE; Schema: reporting; Owner: -
--
CREATE TABLE reporting.sent (
    table_name text NOT NULL,
    guid text NOT NULL,
    subject text NOT NULL,
    digest text NOT NULL,
    run uuid NOT NULL
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

-- Name: unsigned; Type: TABLE; Schema: service; Owner: -
--
CREATE TABLE service.unsigned (
    "case" text NOT NULL,
    item text NOT NULL,
    digest text NOT NULL,
    way text NOT NULL,
    address text NOT NULL,
    at timestamp with time zone NOT NULL,
    told_at timestamp with time zone,
    CONSTRAINT unsigned_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT unsigned_way_check CHECK ((way = ANY (ARRAY['mail'::text, 'sms'::text])))
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

-- Name: pack_change; Type: TABLE; Schema: setting; Owner: -
--
CREATE TABLE setting.pack_change (
    number bigint NOT NULL,
    pack text NOT NULL,
    removed boolean NOT NULL,
    digest text NOT NULL,
    reason text NOT NULL,
    account uuid,
    name text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: pack_change_number_seq; Type: SEQUENCE; Schema: setting; Owner: -
--
ALTER TABLE setting.pack_change ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME setting.pack_change_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: pack_file; Type: TABLE; Schema: setting; Owner: -
--
CREATE TABLE setting.pack_file (
    number bigint NOT NULL,
    path text NOT NULL,
    bytes bytea NOT NULL
);

-- Name: _migrations; Type: TABLE; Schema: sharing; Owner: -
--
CREATE TABLE sharing._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: granted; Type: TABLE; Schema: sharing; Owner: -
--
CREATE TABLE sharing.granted (
    no text NOT NULL,
    request text NOT NULL,
    unit uuid NOT NULL,
    provider uuid NOT NULL,
    dataset text NOT NULL,
    fields text[] NOT NULL,
    masked text[] NOT NULL,
    way text NOT NULL,
    quota integer NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    purpose text NOT NULL,
    basis text NOT NULL,
    given_by text NOT NULL,
    given_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    end_reason text,
    CONSTRAINT granted_check CHECK ((masked <@ fields)),
    CONSTRAINT granted_quota_check CHECK ((quota > 0))
);

-- Name: objection; Type: TABLE; Schema: sharing; Owner: -
--
CREATE TABLE sharing.objection (
    no text NOT NULL,
    dataset text NOT NULL,
    record uuid NOT NULL,
    field text NOT NULL,
    key text NOT NULL,
    claimed text NOT NULL,
    seen_in text NOT NULL,
    source uuid NOT NULL,
    person uuid,
    unit uuid,
    by_case text,
    subject bytea,
    raised_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    due_day date,
    late boolean DEFAULT false NOT NULL,
    told integer DEFAULT 0 NOT NULL
);

-- Name: quota; Type: TABLE; Schema: sharing; Owner: -
--
CREATE TABLE sharing.quota (
    granted text NOT NULL,
    day date NOT NULL,
    used integer NOT NULL
);

-- Name: request; Type: TABLE; Schema: sharing; Owner: -
--
CREATE TABLE sharing.request (
    no text NOT NULL,
    unit uuid NOT NULL,
    asker uuid,
    asker_name text NOT NULL,
    dataset text NOT NULL,
    provider uuid NOT NULL,
    conditional boolean NOT NULL,
    purpose text NOT NULL,
    basis text NOT NULL,
    serves text NOT NULL,
    fields text[] NOT NULL,
    way text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    quota integer NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    due_day date,
    late boolean DEFAULT false NOT NULL,
    CONSTRAINT request_check CHECK ((last_day >= first_day)),
    CONSTRAINT request_quota_check CHECK ((quota > 0))
);

-- Name: step; Type: TABLE; Schema: sharing; Owner: -
--
CREATE TABLE sharing.step (
    matter text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    words text NOT NULL
);

-- Name: used; Type: TABLE; Schema: sharing; Owner: -
--
CREATE TABLE sharing.used (
    id uuid NOT NULL,
    granted text NOT NULL,
    at timestamp with time zone NOT NULL,
    unit uuid NOT NULL,
    officer uuid,
    way text NOT NULL,
    dataset text NOT NULL,
    record uuid,
    subject bytea
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

-- Name: assertion; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.assertion (
    hash bytea NOT NULL,
    expires timestamp with time zone NOT NULL
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

-- Name: certificate; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.certificate (
    id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    account uuid NOT NULL,
    issuer text NOT NULL,
    serial text NOT NULL,
    not_after timestamp with time zone NOT NULL,
    created timestamp with time zone NOT NULL,
    last_used timestamp with time zone,
    CONSTRAINT certificate_fingerprint_check CHECK ((octet_length(fingerprint) = 32))
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
    kind text DEFAULT 'login'::text NOT NULL,
    post uuid,
    device_scopes text[] DEFAULT '{}'::text[] NOT NULL,
    expires timestamp with time zone,
    public_key jsonb,
    CONSTRAINT client_alg_check CHECK ((alg = ANY (ARRAY['RS256'::text, 'ES256'::text]))),
    CONSTRAINT client_device CHECK ((((kind = 'device'::text) = (post IS NOT NULL)) AND ((kind = 'device'::text) = (expires IS NOT NULL)) AND ((kind = 'device'::text) OR ((public_key IS NULL) AND (device_scopes = '{}'::text[]))) AND ((kind = 'login'::text) OR ((secret_hash IS NULL) = (public_key IS NOT NULL))))),
    CONSTRAINT client_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$'::text)),
    CONSTRAINT client_kind_check CHECK ((kind = ANY (ARRAY['login'::text, 'device'::text]))),
    CONSTRAINT client_kinds_check CHECK ((kinds <@ ARRAY['citizen'::text, 'staff'::text])),
    CONSTRAINT client_login CHECK (((kind <> 'login'::text) OR ((redirect_uris <> '{}'::text[]) AND (kinds <> '{}'::text[])))),
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

-- Name: device_token; Type: TABLE; Schema: signon; Owner: -
--
CREATE TABLE signon.device_token (
    hash bytea NOT NULL,
    client text NOT NULL,
    scopes text[] NOT NULL,
    created timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL
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

-- Name: _migrations; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision._migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

-- Name: audit; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.audit (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    cases integer NOT NULL,
    cards integer NOT NULL,
    differ integer NOT NULL,
    first text
);

-- Name: card; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.card (
    id uuid NOT NULL,
    no text NOT NULL,
    rule text NOT NULL,
    level text NOT NULL,
    "case" text NOT NULL,
    occasion text NOT NULL,
    event bigint NOT NULL,
    item text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    department uuid NOT NULL,
    department_name text NOT NULL,
    handlers uuid[] NOT NULL,
    rule_title_zh text NOT NULL,
    rule_title_en text NOT NULL,
    basis_zh text NOT NULL,
    basis_en text NOT NULL,
    why_zh text NOT NULL,
    why_en text NOT NULL,
    facts jsonb NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    answer_due date,
    urges integer DEFAULT 0 NOT NULL,
    proposal uuid,
    CONSTRAINT card_level_check CHECK ((level = ANY (ARRAY['notice'::text, 'yellow'::text, 'red'::text])))
);

-- Name: case; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision."case" (
    no text NOT NULL,
    kind text NOT NULL,
    item text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    department uuid NOT NULL,
    department_name text NOT NULL,
    state text NOT NULL,
    submitted_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    decided_at timestamp with time zone,
    closed_at timestamp with time zone,
    due_day date,
    over_from timestamp with time zone
);

-- Name: checked; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.checked (
    sample uuid NOT NULL,
    place integer NOT NULL,
    outcome text NOT NULL,
    words text NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT checked_outcome_check CHECK ((outcome = ANY (ARRAY['sound'::text, 'flawed'::text])))
);

-- Name: drawn; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.drawn (
    sample uuid NOT NULL,
    place integer NOT NULL,
    "case" text NOT NULL
);

-- Name: duty; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.duty (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    card text,
    words text NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL
);

-- Name: event; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.event (
    id bigint NOT NULL,
    "case" text NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    word text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    department uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    facts jsonb NOT NULL
);

-- Name: event_id_seq; Type: SEQUENCE; Schema: supervision; Owner: -
--
ALTER TABLE supervision.event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME supervision.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: evidence; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.evidence (
    id uuid NOT NULL,
    finding uuid,
    card uuid,
    step integer,
    place integer NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    size bigint NOT NULL,
    mime text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT evidence_check CHECK ((((card IS NULL) = (step IS NULL)) AND ((card IS NULL) <> (finding IS NULL))))
);

-- Name: figure; Type: VIEW; Schema: supervision; Owner: -
--
CREATE VIEW supervision.figure AS
 SELECT 'accepted'::text AS what,
    "case".department,
    "case".department_name,
    "case".no AS "case",
    NULL::text AS card,
    "case".accepted_at AS at
   FROM supervision."case"
  WHERE ("case".accepted_at IS NOT NULL)
UNION ALL
 SELECT 'open'::text AS what,
    "case".department,
    "case".department_name,
    "case".no AS "case",
    NULL::text AS card,
    "case".accepted_at AS at
   FROM supervision."case"
  WHERE (("case".accepted_at IS NOT NULL) AND ("case".decided_at IS NULL) AND ("case".closed_at IS NULL))
UNION ALL
 SELECT 'decided'::text AS what,
    "case".department,
    "case".department_name,
    "case".no AS "case",
    NULL::text AS card,
    "case".decided_at AS at
   FROM supervision."case"
  WHERE ("case".decided_at IS NOT NULL)
UNION ALL
 SELECT 'on_time'::text AS what,
    "case".department,
    "case".department_name,
    "case".no AS "case",
    NULL::text AS card,
    "case".decided_at AS at
   FROM supervision."case"
  WHERE (("case".decided_at IS NOT NULL) AND ("case".over_from IS NULL))
UNION ALL
 SELECT 'overdue'::text AS what,
    "case".department,
    "case".department_name,
    "case".no AS "case",
    NULL::text AS card,
    "case".over_from AS at
   FROM supervision."case"
  WHERE ("case".over_from IS NOT NULL)
UNION ALL
 SELECT card.level AS what,
    card.department,
    card.department_name,
    card."case",
    card.no AS card,
    card.occurred_at AS at
   FROM supervision.card
  WHERE (card.state <> 'revoked'::text);

-- Name: finding; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.finding (
    id uuid NOT NULL,
    kind text NOT NULL,
    "case" text NOT NULL,
    department uuid NOT NULL,
    happened_on date NOT NULL,
    charged bigint,
    listed bigint,
    evidence text NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: sample; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.sample (
    id uuid NOT NULL,
    no text NOT NULL,
    seed text NOT NULL,
    size integer NOT NULL,
    department uuid,
    from_day date NOT NULL,
    to_day date NOT NULL,
    population integer NOT NULL,
    digest text NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    at timestamp with time zone NOT NULL
);

-- Name: step; Type: TABLE; Schema: supervision; Owner: -
--
CREATE TABLE supervision.step (
    card uuid NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone NOT NULL,
    person uuid,
    name text NOT NULL,
    words text,
    due date
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

-- Name: archive archive_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.archive
    ADD CONSTRAINT archive_pkey PRIMARY KEY ("case");

-- Name: arrangement arrangement_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.arrangement
    ADD CONSTRAINT arrangement_pkey PRIMARY KEY (account);

-- Name: bulk bulk_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.bulk
    ADD CONSTRAINT bulk_pkey PRIMARY KEY (id);

-- Name: case case_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework."case"
    ADD CONSTRAINT case_pkey PRIMARY KEY (no);

-- Name: charge charge_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.charge
    ADD CONSTRAINT charge_pkey PRIMARY KEY ("case", seq);

-- Name: clock clock_case_name_seq_key; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.clock
    ADD CONSTRAINT clock_case_name_seq_key UNIQUE ("case", name, seq);

-- Name: clock_change clock_change_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.clock_change
    ADD CONSTRAINT clock_change_pkey PRIMARY KEY (id);

-- Name: clock clock_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (id);

-- Name: deferred deferred_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.deferred
    ADD CONSTRAINT deferred_pkey PRIMARY KEY ("case", seq);

-- Name: delivery delivery_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY ("case", seq);

-- Name: draft draft_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.draft
    ADD CONSTRAINT draft_pkey PRIMARY KEY (todo, account, outcome);

-- Name: event event_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.event
    ADD CONSTRAINT event_pkey PRIMARY KEY ("case", seq);

-- Name: extension extension_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.extension
    ADD CONSTRAINT extension_pkey PRIMARY KEY ("case", seq);

-- Name: filter filter_account_name_key; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.filter
    ADD CONSTRAINT filter_account_name_key UNIQUE (account, name);

-- Name: filter filter_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.filter
    ADD CONSTRAINT filter_pkey PRIMARY KEY (id);

-- Name: link link_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.link
    ADD CONSTRAINT link_pkey PRIMARY KEY (child, kind);

-- Name: material material_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.material
    ADD CONSTRAINT material_pkey PRIMARY KEY ("case", seq);

-- Name: note note_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.note
    ADD CONSTRAINT note_pkey PRIMARY KEY (id);

-- Name: phrase phrase_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.phrase
    ADD CONSTRAINT phrase_pkey PRIMARY KEY (id);

-- Name: presence presence_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.presence
    ADD CONSTRAINT presence_pkey PRIMARY KEY ("case", account);

-- Name: procedure procedure_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.procedure
    ADD CONSTRAINT procedure_pkey PRIMARY KEY ("case", seq);

-- Name: responsible responsible_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.responsible
    ADD CONSTRAINT responsible_pkey PRIMARY KEY ("case", seq);

-- Name: rung rung_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.rung
    ADD CONSTRAINT rung_pkey PRIMARY KEY (clock, rung);

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

-- Name: undertaking undertaking_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.undertaking
    ADD CONSTRAINT undertaking_pkey PRIMARY KEY ("case", seq);

-- Name: urge urge_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.urge
    ADD CONSTRAINT urge_pkey PRIMARY KEY ("case", day);

-- Name: used used_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.used
    ADD CONSTRAINT used_pkey PRIMARY KEY ("case", dataset);

-- Name: voucher voucher_document_key; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.voucher
    ADD CONSTRAINT voucher_document_key UNIQUE (document);

-- Name: voucher voucher_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.voucher
    ADD CONSTRAINT voucher_pkey PRIMARY KEY ("case", seq);

-- Name: withheld withheld_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.withheld
    ADD CONSTRAINT withheld_pkey PRIMARY KEY ("case", task);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: arrival arrival_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.arrival
    ADD CONSTRAINT arrival_pkey PRIMARY KEY (resource);

-- Name: code code_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.code
    ADD CONSTRAINT code_pkey PRIMARY KEY (code);

-- Name: code code_resource_key; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.code
    ADD CONSTRAINT code_resource_key UNIQUE (resource);

-- Name: code code_slug_key; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.code
    ADD CONSTRAINT code_slug_key UNIQUE (slug);

-- Name: entry entry_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (id);

-- Name: import import_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.import
    ADD CONSTRAINT import_pkey PRIMARY KEY (id);

-- Name: resource resource_code_key; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.resource
    ADD CONSTRAINT resource_code_key UNIQUE (code);

-- Name: resource resource_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.resource
    ADD CONSTRAINT resource_pkey PRIMARY KEY (id);

-- Name: shown shown_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.shown
    ADD CONSTRAINT shown_pkey PRIMARY KEY (place);

-- Name: shown shown_resource_key; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.shown
    ADD CONSTRAINT shown_resource_key UNIQUE (resource);

-- Name: tie tie_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.tie
    ADD CONSTRAINT tie_pkey PRIMARY KEY (resource, kind, code);

-- Name: version version_pkey; Type: CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (resource, number);

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

-- Name: number number_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.number
    ADD CONSTRAINT number_pkey PRIMARY KEY (series, number);

-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

-- Name: series series_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (name);

-- Name: setting setting_pkey; Type: CONSTRAINT; Schema: db; Owner: -
--
ALTER TABLE ONLY db.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (name);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: document; Owner: -
--
ALTER TABLE ONLY document._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

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

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: access access_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.access
    ADD CONSTRAINT access_pkey PRIMARY KEY (id);

-- Name: channel channel_code_key; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.channel
    ADD CONSTRAINT channel_code_key UNIQUE (code);

-- Name: channel channel_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.channel
    ADD CONSTRAINT channel_pkey PRIMARY KEY (id);

-- Name: chunk chunk_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.chunk
    ADD CONSTRAINT chunk_pkey PRIMARY KEY (parcel, no);

-- Name: key key_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.key
    ADD CONSTRAINT key_pkey PRIMARY KEY (id);

-- Name: member member_instance_class_code_key; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.member
    ADD CONSTRAINT member_instance_class_code_key UNIQUE (instance, class, code);

-- Name: member member_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (id);

-- Name: message message_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

-- Name: message message_replay_key; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.message
    ADD CONSTRAINT message_replay_key UNIQUE (replay);

-- Name: parcel parcel_channel_key_key; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.parcel
    ADD CONSTRAINT parcel_channel_key_key UNIQUE (channel, key);

-- Name: parcel parcel_channel_seq_key; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.parcel
    ADD CONSTRAINT parcel_channel_seq_key UNIQUE (channel, seq);

-- Name: parcel parcel_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.parcel
    ADD CONSTRAINT parcel_pkey PRIMARY KEY (id);

-- Name: receipt receipt_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.receipt
    ADD CONSTRAINT receipt_pkey PRIMARY KEY (parcel, stage);

-- Name: service service_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.service
    ADD CONSTRAINT service_pkey PRIMARY KEY (id);

-- Name: service service_system_code_key; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.service
    ADD CONSTRAINT service_system_code_key UNIQUE (system, code);

-- Name: system system_member_code_key; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.system
    ADD CONSTRAINT system_member_code_key UNIQUE (member, code);

-- Name: system system_pkey; Type: CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.system
    ADD CONSTRAINT system_pkey PRIMARY KEY (id);

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

-- Name: channel channel_pkey; Type: CONSTRAINT; Schema: notice; Owner: -
--
ALTER TABLE ONLY notice.channel
    ADD CONSTRAINT channel_pkey PRIMARY KEY (id);

-- Name: delivery delivery_pkey; Type: CONSTRAINT; Schema: notice; Owner: -
--
ALTER TABLE ONLY notice.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (id);

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

-- Name: used_step used_step_pkey; Type: CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.used_step
    ADD CONSTRAINT used_step_pkey PRIMARY KEY (account, step);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: collection collection_kind_name_key; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.collection
    ADD CONSTRAINT collection_kind_name_key UNIQUE (kind, name);

-- Name: collection collection_pkey; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.collection
    ADD CONSTRAINT collection_pkey PRIMARY KEY (id);

-- Name: key key_digest_key; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.key
    ADD CONSTRAINT key_digest_key UNIQUE (digest);

-- Name: key key_pkey; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.key
    ADD CONSTRAINT key_pkey PRIMARY KEY (id);

-- Name: package package_name_key; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.package
    ADD CONSTRAINT package_name_key UNIQUE (name);

-- Name: package package_pkey; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.package
    ADD CONSTRAINT package_pkey PRIMARY KEY (id);

-- Name: resource resource_pkey; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.resource
    ADD CONSTRAINT resource_pkey PRIMARY KEY (id);

-- Name: row row_pkey; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal."row"
    ADD CONSTRAINT row_pkey PRIMARY KEY (resource, id);

-- Name: version version_pkey; Type: CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (package, number, name);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: beginning beginning_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.beginning
    ADD CONSTRAINT beginning_pkey PRIMARY KEY (name, node);

-- Name: definition definition_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.definition
    ADD CONSTRAINT definition_pkey PRIMARY KEY (digest);

-- Name: design design_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.design
    ADD CONSTRAINT design_pkey PRIMARY KEY (number);

-- Name: history history_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (instance, seq);

-- Name: incident incident_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (id);

-- Name: instance instance_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (id);

-- Name: message message_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

-- Name: signalled signalled_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.signalled
    ADD CONSTRAINT signalled_pkey PRIMARY KEY (number);

-- Name: wait wait_pkey; Type: CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.wait
    ADD CONSTRAINT wait_pkey PRIMARY KEY (instance, number);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: answer answer_pkey; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.answer
    ADD CONSTRAINT answer_pkey PRIMARY KEY (rating);

-- Name: contact contact_pkey; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (subject, contact);

-- Name: contact contact_rating_key; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.contact
    ADD CONSTRAINT contact_rating_key UNIQUE (rating);

-- Name: matter matter_pkey; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.matter
    ADD CONSTRAINT matter_pkey PRIMARY KEY (no);

-- Name: matter matter_rating_key; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.matter
    ADD CONSTRAINT matter_rating_key UNIQUE (rating);

-- Name: rating rating_pkey; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.rating
    ADD CONSTRAINT rating_pkey PRIMARY KEY (id);

-- Name: step step_pkey; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.step
    ADD CONSTRAINT step_pkey PRIMARY KEY (matter, seq);

-- Name: visit visit_pkey; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.visit
    ADD CONSTRAINT visit_pkey PRIMARY KEY (digest);

-- Name: visit visit_subject_key; Type: CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.visit
    ADD CONSTRAINT visit_subject_key UNIQUE (subject);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: entity_member entity_member_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.entity_member
    ADD CONSTRAINT entity_member_pkey PRIMARY KEY (grp, record);

-- Name: entity entity_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.entity
    ADD CONSTRAINT entity_pkey PRIMARY KEY (grp, id);

-- Name: feed feed_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (id);

-- Name: load_fault load_fault_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.load_fault
    ADD CONSTRAINT load_fault_pkey PRIMARY KEY (load, number);

-- Name: load load_number_key; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.load
    ADD CONSTRAINT load_number_key UNIQUE (number);

-- Name: load load_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.load
    ADD CONSTRAINT load_pkey PRIMARY KEY (id);

-- Name: match_group match_group_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.match_group
    ADD CONSTRAINT match_group_pkey PRIMARY KEY (id);

-- Name: match_key match_key_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.match_key
    ADD CONSTRAINT match_key_pkey PRIMARY KEY (grp, record, pass);

-- Name: match_pair match_pair_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.match_pair
    ADD CONSTRAINT match_pair_pkey PRIMARY KEY (grp, left_record, right_record);

-- Name: past past_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.past
    ADD CONSTRAINT past_pkey PRIMARY KEY (id);

-- Name: quality_fault quality_fault_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.quality_fault
    ADD CONSTRAINT quality_fault_pkey PRIMARY KEY (run, rule, record);

-- Name: quality_run quality_run_pkey; Type: CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.quality_run
    ADD CONSTRAINT quality_run_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--
ALTER TABLE ONLY reporting._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: fault fault_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--
ALTER TABLE ONLY reporting.fault
    ADD CONSTRAINT fault_pkey PRIMARY KEY (run, table_name, guid, field, rule);

-- Name: feedback feedback_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--
ALTER TABLE ONLY reporting.feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (guid);

-- Name: run run_batch_key; Type: CONSTRAINT; Schema: reporting; Owner: -
--
ALTER TABLE ONLY reporting.run
    ADD CONSTRAINT run_batch_key UNIQUE (batch);

-- Name: run run_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--
ALTER TABLE ONLY reporting.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (id);

-- Name: sent sent_pkey; Type: CONSTRAINT; Schema: reporting; Owner: -
--
ALTER TABLE ONLY reporting.sent
    ADD CONSTRAINT sent_pkey PRIMARY KEY (table_name, guid);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: service; Owner: -
--
ALTER TABLE ONLY service._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: miss miss_pkey; Type: CONSTRAINT; Schema: service; Owner: -
--
ALTER TABLE ONLY service.miss
    ADD CONSTRAINT miss_pkey PRIMARY KEY (day, query);

-- Name: unsigned unsigned_pkey; Type: CONSTRAINT; Schema: service; Owner: -
--
ALTER TABLE ONLY service.unsigned
    ADD CONSTRAINT unsigned_pkey PRIMARY KEY ("case");

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: change change_pkey; Type: CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (number);

-- Name: pack_change pack_change_pkey; Type: CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting.pack_change
    ADD CONSTRAINT pack_change_pkey PRIMARY KEY (number);

-- Name: pack_file pack_file_pkey; Type: CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting.pack_file
    ADD CONSTRAINT pack_file_pkey PRIMARY KEY (number, path);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: granted granted_pkey; Type: CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.granted
    ADD CONSTRAINT granted_pkey PRIMARY KEY (no);

-- Name: granted granted_request_key; Type: CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.granted
    ADD CONSTRAINT granted_request_key UNIQUE (request);

-- Name: objection objection_pkey; Type: CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.objection
    ADD CONSTRAINT objection_pkey PRIMARY KEY (no);

-- Name: quota quota_pkey; Type: CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.quota
    ADD CONSTRAINT quota_pkey PRIMARY KEY (granted, day);

-- Name: request request_pkey; Type: CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (no);

-- Name: step step_pkey; Type: CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.step
    ADD CONSTRAINT step_pkey PRIMARY KEY (matter, seq);

-- Name: used used_pkey; Type: CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.used
    ADD CONSTRAINT used_pkey PRIMARY KEY (id);

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: assertion assertion_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.assertion
    ADD CONSTRAINT assertion_pkey PRIMARY KEY (hash);

-- Name: ceremony ceremony_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.ceremony
    ADD CONSTRAINT ceremony_pkey PRIMARY KEY (hash);

-- Name: certificate certificate_fingerprint_key; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.certificate
    ADD CONSTRAINT certificate_fingerprint_key UNIQUE (fingerprint);

-- Name: certificate certificate_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.certificate
    ADD CONSTRAINT certificate_pkey PRIMARY KEY (id);

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

-- Name: device_token device_token_pkey; Type: CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.device_token
    ADD CONSTRAINT device_token_pkey PRIMARY KEY (hash);

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

-- Name: _migrations _migrations_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision._migrations
    ADD CONSTRAINT _migrations_pkey PRIMARY KEY (version);

-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

-- Name: card card_no_key; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.card
    ADD CONSTRAINT card_no_key UNIQUE (no);

-- Name: card card_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.card
    ADD CONSTRAINT card_pkey PRIMARY KEY (id);

-- Name: card card_rule_case_occasion_key; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.card
    ADD CONSTRAINT card_rule_case_occasion_key UNIQUE (rule, "case", occasion);

-- Name: case case_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision."case"
    ADD CONSTRAINT case_pkey PRIMARY KEY (no);

-- Name: checked checked_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.checked
    ADD CONSTRAINT checked_pkey PRIMARY KEY (sample, place);

-- Name: drawn drawn_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.drawn
    ADD CONSTRAINT drawn_pkey PRIMARY KEY (sample, place);

-- Name: duty duty_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.duty
    ADD CONSTRAINT duty_pkey PRIMARY KEY (id);

-- Name: event event_case_source_key; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.event
    ADD CONSTRAINT event_case_source_key UNIQUE ("case", source);

-- Name: event event_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

-- Name: evidence evidence_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (id);

-- Name: finding finding_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.finding
    ADD CONSTRAINT finding_pkey PRIMARY KEY (id);

-- Name: sample sample_no_key; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.sample
    ADD CONSTRAINT sample_no_key UNIQUE (no);

-- Name: sample sample_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.sample
    ADD CONSTRAINT sample_pkey PRIMARY KEY (id);

-- Name: step step_pkey; Type: CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.step
    ADD CONSTRAINT step_pkey PRIMARY KEY (card, seq);

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

-- Name: bulk_account; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX bulk_account ON casework.bulk USING btree (account, at DESC);

-- Name: case_department; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_department ON casework."case" USING btree (department, state, submitted_at);

-- Name: case_organisation; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_organisation ON casework."case" USING btree (organisation, submitted_at DESC) WHERE (organisation IS NOT NULL);

-- Name: case_person; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_person ON casework."case" USING btree (person, submitted_at DESC);

-- Name: case_plain; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_plain ON casework."case" USING btree (no) WHERE ((person_name <> ''::text) AND (person_name !~~ 'sealed:5a01%'::text));

-- Name: case_retire; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_retire ON casework."case" USING btree (kind, closed_at) WHERE ((retired_at IS NULL) AND (closed_at IS NOT NULL));

-- Name: case_to_archive; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX case_to_archive ON casework."case" USING btree (closed_at) WHERE ((closed_at IS NOT NULL) AND (retired_at IS NULL));

-- Name: charge_receipt; Type: INDEX; Schema: casework; Owner: -
--
CREATE UNIQUE INDEX charge_receipt ON casework.charge USING btree ("case", COALESCE(item, ''::text), receipt) WHERE (struck_at IS NULL);

-- Name: clock_rung; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX clock_rung ON casework.clock USING btree (next_rung_at) WHERE ((ended_at IS NULL) AND (next_rung_at IS NOT NULL));

-- Name: clock_stale; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX clock_stale ON casework.clock USING btree (revision, id) WHERE (ended_at IS NULL);

-- Name: clock_todo; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX clock_todo ON casework.clock USING btree (todo) WHERE (todo IS NOT NULL);

-- Name: delivery_announced; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX delivery_announced ON casework.delivery USING btree (counts_on) WHERE ((counts_on IS NOT NULL) AND (served_on IS NULL));

-- Name: draft_case; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX draft_case ON casework.draft USING btree ("case");

-- Name: extension_clock; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX extension_clock ON casework.extension USING btree (clock);

-- Name: filter_first; Type: INDEX; Schema: casework; Owner: -
--
CREATE UNIQUE INDEX filter_first ON casework.filter USING btree (account) WHERE first;

-- Name: link_parent; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX link_parent ON casework.link USING btree (parent, kind);

-- Name: material_digest; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX material_digest ON casework.material USING btree (digest) WHERE (digest IS NOT NULL);

-- Name: note_case; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX note_case ON casework.note USING btree ("case", at);

-- Name: phrase_account; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX phrase_account ON casework.phrase USING btree (account, effect, at);

-- Name: presence_at; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX presence_at ON casework.presence USING btree (at);

-- Name: suspension_open; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX suspension_open ON casework.suspension USING btree ("case") WHERE (to_day IS NULL);

-- Name: suspension_told; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX suspension_told ON casework.suspension USING btree (told_until) WHERE ((to_day IS NULL) AND (overlong_at IS NULL));

-- Name: todo_by_default; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX todo_by_default ON casework.todo USING btree (due_day) WHERE ((closed_at IS NULL) AND (by_default IS NOT NULL));

-- Name: todo_free; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX todo_free ON casework.todo USING btree (department, role, COALESCE(due_day, 'infinity'::date), opened_at, id) WHERE ((closed_at IS NULL) AND (assignee IS NULL) AND (side = 'office'::text));

-- Name: todo_mine; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX todo_mine ON casework.todo USING btree (assignee, COALESCE(due_day, 'infinity'::date), opened_at, id) WHERE ((closed_at IS NULL) AND (side = 'office'::text));

-- Name: todo_open; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX todo_open ON casework.todo USING btree (department, role, due_day) WHERE (closed_at IS NULL);

-- Name: todo_unit; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX todo_unit ON casework.todo USING btree (department, COALESCE(due_day, 'infinity'::date), opened_at, id) WHERE ((closed_at IS NULL) AND (side = 'office'::text));

-- Name: todo_waiting; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX todo_waiting ON casework.todo USING btree (department, COALESCE(due_day, 'infinity'::date), opened_at, id) WHERE ((closed_at IS NULL) AND (side = 'applicant'::text));

-- Name: used_dataset; Type: INDEX; Schema: casework; Owner: -
--
CREATE INDEX used_dataset ON casework.used USING btree (dataset, item, at);

-- Name: arrival_dataset; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX arrival_dataset ON catalog.arrival USING btree (dataset);

-- Name: arrival_overdue; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX arrival_overdue ON catalog.arrival USING btree (provider, due_day) WHERE overdue;

-- Name: entry_list; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX entry_list ON catalog.entry USING btree (list, unit, since) WHERE (ended_at IS NULL);

-- Name: import_unit; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX import_unit ON catalog.import USING btree (unit, at DESC);

-- Name: resource_provider; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX resource_provider ON catalog.resource USING btree (provider);

-- Name: shown_choices; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX shown_choices ON catalog.shown USING btree (sharing, openness, cycle, format, place);

-- Name: shown_class; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX shown_class ON catalog.shown USING btree (class text_pattern_ops, place);

-- Name: shown_finds; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX shown_finds ON catalog.shown USING gin (finds);

-- Name: shown_provider; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX shown_provider ON catalog.shown USING btree (provider, place);

-- Name: tie_code; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX tie_code ON catalog.tie USING btree (code, kind);

-- Name: version_in_force; Type: INDEX; Schema: catalog; Owner: -
--
CREATE UNIQUE INDEX version_in_force ON catalog.version USING btree (resource) WHERE (state = 'published'::text);

-- Name: version_open; Type: INDEX; Schema: catalog; Owner: -
--
CREATE UNIQUE INDEX version_open ON catalog.version USING btree (resource) WHERE (state = ANY (ARRAY['draft'::text, 'submitted'::text, 'reviewed'::text]));

-- Name: version_waiting; Type: INDEX; Schema: catalog; Owner: -
--
CREATE INDEX version_waiting ON catalog.version USING btree (state, submitted_at, resource) WHERE (state = ANY (ARRAY['draft'::text, 'submitted'::text, 'reviewed'::text]));

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

-- Name: document_blob; Type: INDEX; Schema: document; Owner: -
--
CREATE INDEX document_blob ON document.document USING btree (blob) WHERE (blob IS NOT NULL);

-- Name: document_case; Type: INDEX; Schema: document; Owner: -
--
CREATE INDEX document_case ON document.document USING btree (case_no, issued_at) WHERE (case_no IS NOT NULL);

-- Name: document_number; Type: INDEX; Schema: document; Owner: -
--
CREATE UNIQUE INDEX document_number ON document.document USING btree (template, number) WHERE (revoked_at IS NULL);

-- Name: document_once; Type: INDEX; Schema: document; Owner: -
--
CREATE UNIQUE INDEX document_once ON document.document USING btree (template, once) WHERE (once IS NOT NULL);

-- Name: document_organisation; Type: INDEX; Schema: document; Owner: -
--
CREATE INDEX document_organisation ON document.document USING btree (holder_organisation, issued_at DESC) WHERE (holder_organisation IS NOT NULL);

-- Name: document_person; Type: INDEX; Schema: document; Owner: -
--
CREATE INDEX document_person ON document.document USING btree (holder_person, issued_at DESC) WHERE (holder_person IS NOT NULL);

-- Name: document_plain; Type: INDEX; Schema: document; Owner: -
--
CREATE INDEX document_plain ON document.document USING btree (id) WHERE (jsonb_typeof(data) <> 'string'::text);

-- Name: access_client; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX access_client ON exchange.access USING btree (client, service);

-- Name: access_service; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX access_service ON exchange.access USING btree (service);

-- Name: key_system; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX key_system ON exchange.key USING btree (system);

-- Name: message_at; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX message_at ON exchange.message USING btree (at DESC);

-- Name: message_client; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX message_client ON exchange.message USING btree (client, at DESC);

-- Name: message_issue; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX message_issue ON exchange.message USING btree (issue) WHERE (issue IS NOT NULL);

-- Name: message_open; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX message_open ON exchange.message USING btree (at) WHERE (entry IS NULL);

-- Name: message_provider; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX message_provider ON exchange.message USING btree (provider, at DESC);

-- Name: parcel_at; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX parcel_at ON exchange.parcel USING btree (at DESC);

-- Name: parcel_due; Type: INDEX; Schema: exchange; Owner: -
--
CREATE INDEX parcel_due ON exchange.parcel USING btree (due) WHERE (state = 'sent'::text);

-- Name: draft_expires; Type: INDEX; Schema: form; Owner: -
--
CREATE INDEX draft_expires ON form.draft USING btree (expires);

-- Name: draft_open; Type: INDEX; Schema: form; Owner: -
--
CREATE INDEX draft_open ON form.draft USING btree (owner, updated DESC, id DESC) WHERE (submitted_case IS NULL);

-- Name: draft_open_organisation; Type: INDEX; Schema: form; Owner: -
--
CREATE INDEX draft_open_organisation ON form.draft USING btree (owner_organisation, updated DESC, id DESC) WHERE ((submitted_case IS NULL) AND (owner_organisation IS NOT NULL));

-- Name: file_digest; Type: INDEX; Schema: form; Owner: -
--
CREATE INDEX file_digest ON form.file USING btree (digest);

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

-- Name: channel_owner; Type: INDEX; Schema: notice; Owner: -
--
CREATE UNIQUE INDEX channel_owner ON notice.channel USING btree (COALESCE(person, organisation), way);

-- Name: delivery_message; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX delivery_message ON notice.delivery USING btree (message) WHERE (message IS NOT NULL);

-- Name: delivery_queued; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX delivery_queued ON notice.delivery USING btree (queued DESC, id DESC);

-- Name: message_once; Type: INDEX; Schema: notice; Owner: -
--
CREATE UNIQUE INDEX message_once ON notice.message USING btree (once, template, COALESCE(person, organisation, post)) WHERE (once IS NOT NULL);

-- Name: message_organisation; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX message_organisation ON notice.message USING btree (organisation, created DESC) WHERE (organisation IS NOT NULL);

-- Name: message_person; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX message_person ON notice.message USING btree (person, created DESC) WHERE (person IS NOT NULL);

-- Name: message_plain; Type: INDEX; Schema: notice; Owner: -
--
CREATE INDEX message_plain ON notice.message USING btree (id) WHERE (body_zh !~~ 'sealed:5a01%'::text);

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

-- Name: person_name_index; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX person_name_index ON party.person USING btree (name_index);

-- Name: person_plain; Type: INDEX; Schema: party; Owner: -
--
CREATE INDEX person_plain ON party.person USING btree (id) WHERE ((id_number IS NOT NULL) OR (phone IS NOT NULL) OR (name !~~ 'sealed:5a01%'::text));

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

-- Name: key_person; Type: INDEX; Schema: portal; Owner: -
--
CREATE INDEX key_person ON portal.key USING btree (person, created);

-- Name: package_modified; Type: INDEX; Schema: portal; Owner: -
--
CREATE INDEX package_modified ON portal.package USING btree (modified DESC, id);

-- Name: package_terms; Type: INDEX; Schema: portal; Owner: -
--
CREATE INDEX package_terms ON portal.package USING gin (terms);

-- Name: resource_package; Type: INDEX; Schema: portal; Owner: -
--
CREATE INDEX resource_package ON portal.resource USING btree (package, "position");

-- Name: row_key; Type: INDEX; Schema: portal; Owner: -
--
CREATE UNIQUE INDEX row_key ON portal."row" USING btree (resource, key) WHERE (key IS NOT NULL);

-- Name: version_resource; Type: INDEX; Schema: portal; Owner: -
--
CREATE INDEX version_resource ON portal.version USING btree (resource);

-- Name: beginning_due; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX beginning_due ON process.beginning USING btree (due) WHERE (due IS NOT NULL);

-- Name: beginning_event; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX beginning_event ON process.beginning USING btree (event) WHERE (kind <> 'timer'::text);

-- Name: definition_name; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX definition_name ON process.definition USING btree (name);

-- Name: definition_source; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX definition_source ON process.definition USING btree (source) WHERE (source IS NOT NULL);

-- Name: design_name; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX design_name ON process.design USING btree (name, number DESC);

-- Name: design_published; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX design_published ON process.design USING btree (name, valid_from) WHERE (stage = 'published'::text);

-- Name: incident_instance; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX incident_instance ON process.incident USING btree (instance) WHERE (ended IS NULL);

-- Name: incident_open; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX incident_open ON process.incident USING btree (opened) WHERE (ended IS NULL);

-- Name: instance_definition; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX instance_definition ON process.instance USING btree (definition);

-- Name: instance_thing; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX instance_thing ON process.instance USING btree (thing);

-- Name: message_expires; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX message_expires ON process.message USING btree (expires);

-- Name: message_name; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX message_name ON process.message USING btree (name, key);

-- Name: wait_due; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX wait_due ON process.wait USING btree (due) WHERE (due IS NOT NULL);

-- Name: wait_name; Type: INDEX; Schema: process; Owner: -
--
CREATE INDEX wait_name ON process.wait USING btree (name, key) WHERE (name IS NOT NULL);

-- Name: contact_department; Type: INDEX; Schema: rating; Owner: -
--
CREATE INDEX contact_department ON rating.contact USING btree (department, day);

-- Name: contact_organisation; Type: INDEX; Schema: rating; Owner: -
--
CREATE INDEX contact_organisation ON rating.contact USING btree (organisation) WHERE (rating IS NOT NULL);

-- Name: contact_person; Type: INDEX; Schema: rating; Owner: -
--
CREATE INDEX contact_person ON rating.contact USING btree (person) WHERE (rating IS NOT NULL);

-- Name: matter_department; Type: INDEX; Schema: rating; Owner: -
--
CREATE INDEX matter_department ON rating.matter USING btree (department, state, no);

-- Name: matter_due; Type: INDEX; Schema: rating; Owner: -
--
CREATE INDEX matter_due ON rating.matter USING btree (due_day) WHERE (due_day IS NOT NULL);

-- Name: rating_department; Type: INDEX; Schema: rating; Owner: -
--
CREATE INDEX rating_department ON rating.rating USING btree (department, day);

-- Name: rating_item; Type: INDEX; Schema: rating; Owner: -
--
CREATE INDEX rating_item ON rating.rating USING btree (item, day);

-- Name: rating_review; Type: INDEX; Schema: rating; Owner: -
--
CREATE INDEX rating_review ON rating.rating USING btree (day, id) WHERE ((reviewed IS NULL) AND (words <> ''::text));

-- Name: entity_member_of; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX entity_member_of ON registry.entity_member USING btree (grp, entity);

-- Name: load_dataset; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX load_dataset ON registry.load USING btree (dataset, number DESC);

-- Name: load_file; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX load_file ON registry.load USING btree (dataset, file);

-- Name: match_key_found; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX match_key_found ON registry.match_key USING btree (grp, pass, key);

-- Name: match_pair_right; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX match_pair_right ON registry.match_pair USING btree (grp, right_record);

-- Name: match_pair_state; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX match_pair_state ON registry.match_pair USING btree (grp, state, weight DESC);

-- Name: past_ended; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX past_ended ON registry.past USING btree (dataset, ended_key) WHERE (ended_key IS NOT NULL);

-- Name: past_record; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX past_record ON registry.past USING btree (dataset, record, until DESC);

-- Name: quality_run_dataset; Type: INDEX; Schema: registry; Owner: -
--
CREATE INDEX quality_run_dataset ON registry.quality_run USING btree (dataset, at DESC);

-- Name: feedback_at; Type: INDEX; Schema: reporting; Owner: -
--
CREATE INDEX feedback_at ON reporting.feedback USING btree (at DESC);

-- Name: run_at; Type: INDEX; Schema: reporting; Owner: -
--
CREATE INDEX run_at ON reporting.run USING btree (at DESC);

-- Name: sent_subject; Type: INDEX; Schema: reporting; Owner: -
--
CREATE INDEX sent_subject ON reporting.sent USING btree (subject);

-- Name: unsigned_at; Type: INDEX; Schema: service; Owner: -
--
CREATE INDEX unsigned_at ON service.unsigned USING btree (at);

-- Name: change_key; Type: INDEX; Schema: setting; Owner: -
--
CREATE INDEX change_key ON setting.change USING btree (key, number DESC);

-- Name: pack_change_pack; Type: INDEX; Schema: setting; Owner: -
--
CREATE INDEX pack_change_pack ON setting.pack_change USING btree (pack, number DESC);

-- Name: granted_dataset; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX granted_dataset ON sharing.granted USING btree (dataset, unit) WHERE (ended_at IS NULL);

-- Name: granted_provider; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX granted_provider ON sharing.granted USING btree (provider, no);

-- Name: granted_unit; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX granted_unit ON sharing.granted USING btree (unit, no);

-- Name: objection_open; Type: INDEX; Schema: sharing; Owner: -
--
CREATE UNIQUE INDEX objection_open ON sharing.objection USING btree (dataset, record, field) WHERE (state = 'open'::text);

-- Name: objection_person; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX objection_person ON sharing.objection USING btree (person) WHERE (person IS NOT NULL);

-- Name: objection_source; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX objection_source ON sharing.objection USING btree (source, no);

-- Name: objection_subject; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX objection_subject ON sharing.objection USING btree (subject) WHERE (subject IS NOT NULL);

-- Name: request_due; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX request_due ON sharing.request USING btree (due_day) WHERE (due_day IS NOT NULL);

-- Name: request_provider; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX request_provider ON sharing.request USING btree (provider, no);

-- Name: request_unit; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX request_unit ON sharing.request USING btree (unit, no);

-- Name: used_granted; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX used_granted ON sharing.used USING btree (granted, at);

-- Name: used_record; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX used_record ON sharing.used USING btree (record, at) WHERE (record IS NOT NULL);

-- Name: used_subject; Type: INDEX; Schema: sharing; Owner: -
--
CREATE INDEX used_subject ON sharing.used USING btree (subject, at) WHERE (subject IS NOT NULL);

-- Name: assertion_expires; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX assertion_expires ON signon.assertion USING btree (expires);

-- Name: ceremony_expires; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX ceremony_expires ON signon.ceremony USING btree (expires);

-- Name: certificate_account; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX certificate_account ON signon.certificate USING btree (account, created);

-- Name: code_visit; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX code_visit ON signon.code USING btree (visit);

-- Name: device_token_client; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX device_token_client ON signon.device_token USING btree (client);

-- Name: device_token_expires; Type: INDEX; Schema: signon; Owner: -
--
CREATE INDEX device_token_expires ON signon.device_token USING btree (expires);

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

-- Name: audit_at; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX audit_at ON supervision.audit USING btree (at DESC);

-- Name: card_at; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX card_at ON supervision.card USING btree (occurred_at DESC);

-- Name: card_case; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX card_case ON supervision.card USING btree ("case");

-- Name: card_department; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX card_department ON supervision.card USING btree (department, occurred_at DESC);

-- Name: card_waiting; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX card_waiting ON supervision.card USING btree (answer_due) WHERE ((state = 'notified'::text) AND (answer_due IS NOT NULL));

-- Name: case_department; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX case_department ON supervision."case" USING btree (department, accepted_at);

-- Name: case_open; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX case_open ON supervision."case" USING btree (no) WHERE (closed_at IS NULL);

-- Name: duty_at; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX duty_at ON supervision.duty USING btree (at DESC);

-- Name: event_at; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX event_at ON supervision.event USING btree (at DESC);

-- Name: evidence_card; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX evidence_card ON supervision.evidence USING btree (card, step, place) WHERE (card IS NOT NULL);

-- Name: evidence_finding; Type: INDEX; Schema: supervision; Owner: -
--
CREATE INDEX evidence_finding ON supervision.evidence USING btree (finding, place) WHERE (finding IS NOT NULL);

-- Name: archive keep; Type: TRIGGER; Schema: casework; Owner: -
--
CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON casework.archive FOR EACH ROW EXECUTE FUNCTION casework.keep_archive();

-- Name: charge keep; Type: TRIGGER; Schema: casework; Owner: -
--
CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON casework.charge FOR EACH ROW EXECUTE FUNCTION casework.keep_charge();

-- Name: code given_once; Type: TRIGGER; Schema: catalog; Owner: -
--
CREATE TRIGGER given_once BEFORE DELETE OR UPDATE OR TRUNCATE ON catalog.code FOR EACH STATEMENT EXECUTE FUNCTION catalog.refuse();

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

-- Name: design design_kept; Type: TRIGGER; Schema: process; Owner: -
--
CREATE TRIGGER design_kept BEFORE DELETE OR UPDATE ON process.design FOR EACH ROW WHEN ((old.stage = 'published'::text)) EXECUTE FUNCTION process.keep_published();

-- Name: audit append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.audit FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: checked append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.checked FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: drawn append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.drawn FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: duty append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.duty FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: event append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.event FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: evidence append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.evidence FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: finding append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.finding FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: sample append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.sample FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: step append_only; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON supervision.step FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: card no_change; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER no_change BEFORE UPDATE OF id, no, rule, level, "case", occasion, event, item, title_zh, title_en, department, department_name, handlers, rule_title_zh, rule_title_en, basis_zh, basis_en, why_zh, why_en, facts, occurred_at, raised_at ON supervision.card FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: card no_delete; Type: TRIGGER; Schema: supervision; Owner: -
--
CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON supervision.card FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse();

-- Name: archive archive_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.archive
    ADD CONSTRAINT archive_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: charge charge_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.charge
    ADD CONSTRAINT charge_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: clock clock_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.clock
    ADD CONSTRAINT clock_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: deferred deferred_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.deferred
    ADD CONSTRAINT deferred_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: delivery delivery_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.delivery
    ADD CONSTRAINT delivery_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: draft draft_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.draft
    ADD CONSTRAINT draft_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: draft draft_todo_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.draft
    ADD CONSTRAINT draft_todo_fkey FOREIGN KEY (todo) REFERENCES casework.todo(id);

-- Name: event event_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.event
    ADD CONSTRAINT event_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: extension extension_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.extension
    ADD CONSTRAINT extension_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: extension extension_clock_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.extension
    ADD CONSTRAINT extension_clock_fkey FOREIGN KEY (clock) REFERENCES casework.clock(id);

-- Name: link link_child_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.link
    ADD CONSTRAINT link_child_fkey FOREIGN KEY (child) REFERENCES casework."case"(no);

-- Name: link link_parent_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.link
    ADD CONSTRAINT link_parent_fkey FOREIGN KEY (parent) REFERENCES casework."case"(no);

-- Name: material material_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.material
    ADD CONSTRAINT material_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: note note_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.note
    ADD CONSTRAINT note_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: procedure procedure_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.procedure
    ADD CONSTRAINT procedure_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: responsible responsible_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.responsible
    ADD CONSTRAINT responsible_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: rung rung_clock_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.rung
    ADD CONSTRAINT rung_clock_fkey FOREIGN KEY (clock) REFERENCES casework.clock(id);

-- Name: suspension suspension_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.suspension
    ADD CONSTRAINT suspension_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: todo todo_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.todo
    ADD CONSTRAINT todo_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: undertaking undertaking_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.undertaking
    ADD CONSTRAINT undertaking_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: urge urge_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.urge
    ADD CONSTRAINT urge_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: used used_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.used
    ADD CONSTRAINT used_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: voucher voucher_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.voucher
    ADD CONSTRAINT voucher_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: withheld withheld_case_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--
ALTER TABLE ONLY casework.withheld
    ADD CONSTRAINT withheld_case_fkey FOREIGN KEY ("case") REFERENCES casework."case"(no);

-- Name: arrival arrival_resource_fkey; Type: FK CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.arrival
    ADD CONSTRAINT arrival_resource_fkey FOREIGN KEY (resource) REFERENCES catalog.resource(id);

-- Name: entry entry_resource_fkey; Type: FK CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.entry
    ADD CONSTRAINT entry_resource_fkey FOREIGN KEY (resource) REFERENCES catalog.code(code);

-- Name: resource resource_code_fkey; Type: FK CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.resource
    ADD CONSTRAINT resource_code_fkey FOREIGN KEY (code) REFERENCES catalog.code(code);

-- Name: shown shown_resource_fkey; Type: FK CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.shown
    ADD CONSTRAINT shown_resource_fkey FOREIGN KEY (resource) REFERENCES catalog.resource(id);

-- Name: tie tie_resource_fkey; Type: FK CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.tie
    ADD CONSTRAINT tie_resource_fkey FOREIGN KEY (resource) REFERENCES catalog.resource(id);

-- Name: version version_resource_fkey; Type: FK CONSTRAINT; Schema: catalog; Owner: -
--
ALTER TABLE ONLY catalog.version
    ADD CONSTRAINT version_resource_fkey FOREIGN KEY (resource) REFERENCES catalog.resource(id);

-- Name: access access_client_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.access
    ADD CONSTRAINT access_client_fkey FOREIGN KEY (client) REFERENCES exchange.system(id);

-- Name: access access_service_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.access
    ADD CONSTRAINT access_service_fkey FOREIGN KEY (service) REFERENCES exchange.service(id);

-- Name: channel channel_receiver_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.channel
    ADD CONSTRAINT channel_receiver_fkey FOREIGN KEY (receiver) REFERENCES exchange.service(id);

-- Name: channel channel_sender_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.channel
    ADD CONSTRAINT channel_sender_fkey FOREIGN KEY (sender) REFERENCES exchange.system(id);

-- Name: chunk chunk_parcel_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.chunk
    ADD CONSTRAINT chunk_parcel_fkey FOREIGN KEY (parcel) REFERENCES exchange.parcel(id);

-- Name: key key_system_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.key
    ADD CONSTRAINT key_system_fkey FOREIGN KEY (system) REFERENCES exchange.system(id);

-- Name: message message_client_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.message
    ADD CONSTRAINT message_client_fkey FOREIGN KEY (client) REFERENCES exchange.system(id);

-- Name: message message_key_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.message
    ADD CONSTRAINT message_key_fkey FOREIGN KEY (key) REFERENCES exchange.key(id);

-- Name: message message_provider_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.message
    ADD CONSTRAINT message_provider_fkey FOREIGN KEY (provider) REFERENCES exchange.system(id);

-- Name: message message_service_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.message
    ADD CONSTRAINT message_service_fkey FOREIGN KEY (service) REFERENCES exchange.service(id);

-- Name: parcel parcel_channel_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.parcel
    ADD CONSTRAINT parcel_channel_fkey FOREIGN KEY (channel) REFERENCES exchange.channel(id);

-- Name: receipt receipt_parcel_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.receipt
    ADD CONSTRAINT receipt_parcel_fkey FOREIGN KEY (parcel) REFERENCES exchange.parcel(id);

-- Name: service service_system_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.service
    ADD CONSTRAINT service_system_fkey FOREIGN KEY (system) REFERENCES exchange.system(id);

-- Name: system system_member_fkey; Type: FK CONSTRAINT; Schema: exchange; Owner: -
--
ALTER TABLE ONLY exchange.system
    ADD CONSTRAINT system_member_fkey FOREIGN KEY (member) REFERENCES exchange.member(id);

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

-- Name: delivery delivery_message_fkey; Type: FK CONSTRAINT; Schema: notice; Owner: -
--
ALTER TABLE ONLY notice.delivery
    ADD CONSTRAINT delivery_message_fkey FOREIGN KEY (message) REFERENCES notice.message(id);

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

-- Name: used_step used_step_account_fkey; Type: FK CONSTRAINT; Schema: party; Owner: -
--
ALTER TABLE ONLY party.used_step
    ADD CONSTRAINT used_step_account_fkey FOREIGN KEY (account) REFERENCES party.account(id);

-- Name: package package_unit_fkey; Type: FK CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.package
    ADD CONSTRAINT package_unit_fkey FOREIGN KEY (unit) REFERENCES portal.collection(id);

-- Name: resource resource_package_fkey; Type: FK CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.resource
    ADD CONSTRAINT resource_package_fkey FOREIGN KEY (package) REFERENCES portal.package(id) ON DELETE CASCADE;

-- Name: row row_resource_fkey; Type: FK CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal."row"
    ADD CONSTRAINT row_resource_fkey FOREIGN KEY (resource) REFERENCES portal.resource(id) ON DELETE CASCADE;

-- Name: version version_package_fkey; Type: FK CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.version
    ADD CONSTRAINT version_package_fkey FOREIGN KEY (package) REFERENCES portal.package(id) ON DELETE CASCADE;

-- Name: version version_resource_fkey; Type: FK CONSTRAINT; Schema: portal; Owner: -
--
ALTER TABLE ONLY portal.version
    ADD CONSTRAINT version_resource_fkey FOREIGN KEY (resource) REFERENCES portal.resource(id) ON DELETE CASCADE;

-- Name: history history_instance_fkey; Type: FK CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.history
    ADD CONSTRAINT history_instance_fkey FOREIGN KEY (instance) REFERENCES process.instance(id);

-- Name: incident incident_instance_fkey; Type: FK CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.incident
    ADD CONSTRAINT incident_instance_fkey FOREIGN KEY (instance) REFERENCES process.instance(id);

-- Name: instance instance_definition_fkey; Type: FK CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.instance
    ADD CONSTRAINT instance_definition_fkey FOREIGN KEY (definition) REFERENCES process.definition(digest);

-- Name: wait wait_instance_fkey; Type: FK CONSTRAINT; Schema: process; Owner: -
--
ALTER TABLE ONLY process.wait
    ADD CONSTRAINT wait_instance_fkey FOREIGN KEY (instance) REFERENCES process.instance(id);

-- Name: answer answer_rating_fkey; Type: FK CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.answer
    ADD CONSTRAINT answer_rating_fkey FOREIGN KEY (rating) REFERENCES rating.rating(id);

-- Name: contact contact_rating_fkey; Type: FK CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.contact
    ADD CONSTRAINT contact_rating_fkey FOREIGN KEY (rating) REFERENCES rating.rating(id);

-- Name: matter matter_rating_fkey; Type: FK CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.matter
    ADD CONSTRAINT matter_rating_fkey FOREIGN KEY (rating) REFERENCES rating.rating(id);

-- Name: step step_matter_fkey; Type: FK CONSTRAINT; Schema: rating; Owner: -
--
ALTER TABLE ONLY rating.step
    ADD CONSTRAINT step_matter_fkey FOREIGN KEY (matter) REFERENCES rating.matter(no);

-- Name: load_fault load_fault_load_fkey; Type: FK CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.load_fault
    ADD CONSTRAINT load_fault_load_fkey FOREIGN KEY (load) REFERENCES registry.load(id) ON DELETE CASCADE;

-- Name: quality_fault quality_fault_run_fkey; Type: FK CONSTRAINT; Schema: registry; Owner: -
--
ALTER TABLE ONLY registry.quality_fault
    ADD CONSTRAINT quality_fault_run_fkey FOREIGN KEY (run) REFERENCES registry.quality_run(id) ON DELETE CASCADE;

-- Name: fault fault_run_fkey; Type: FK CONSTRAINT; Schema: reporting; Owner: -
--
ALTER TABLE ONLY reporting.fault
    ADD CONSTRAINT fault_run_fkey FOREIGN KEY (run) REFERENCES reporting.run(id);

-- Name: sent sent_run_fkey; Type: FK CONSTRAINT; Schema: reporting; Owner: -
--
ALTER TABLE ONLY reporting.sent
    ADD CONSTRAINT sent_run_fkey FOREIGN KEY (run) REFERENCES reporting.run(id);

-- Name: change change_reverts_fkey; Type: FK CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting.change
    ADD CONSTRAINT change_reverts_fkey FOREIGN KEY (reverts) REFERENCES setting.change(number);

-- Name: pack_file pack_file_number_fkey; Type: FK CONSTRAINT; Schema: setting; Owner: -
--
ALTER TABLE ONLY setting.pack_file
    ADD CONSTRAINT pack_file_number_fkey FOREIGN KEY (number) REFERENCES setting.pack_change(number);

-- Name: granted granted_request_fkey; Type: FK CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.granted
    ADD CONSTRAINT granted_request_fkey FOREIGN KEY (request) REFERENCES sharing.request(no);

-- Name: quota quota_granted_fkey; Type: FK CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.quota
    ADD CONSTRAINT quota_granted_fkey FOREIGN KEY (granted) REFERENCES sharing.granted(no);

-- Name: used used_granted_fkey; Type: FK CONSTRAINT; Schema: sharing; Owner: -
--
ALTER TABLE ONLY sharing.used
    ADD CONSTRAINT used_granted_fkey FOREIGN KEY (granted) REFERENCES sharing.granted(no);

-- Name: code code_visit_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.code
    ADD CONSTRAINT code_visit_fkey FOREIGN KEY (visit) REFERENCES signon.visit(id) ON DELETE CASCADE;

-- Name: consent consent_client_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.consent
    ADD CONSTRAINT consent_client_fkey FOREIGN KEY (client) REFERENCES signon.client(id);

-- Name: device_token device_token_client_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.device_token
    ADD CONSTRAINT device_token_client_fkey FOREIGN KEY (client) REFERENCES signon.client(id);

-- Name: token token_visit_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.token
    ADD CONSTRAINT token_visit_fkey FOREIGN KEY (visit) REFERENCES signon.visit(id) ON DELETE CASCADE;

-- Name: visit visit_client_fkey; Type: FK CONSTRAINT; Schema: signon; Owner: -
--
ALTER TABLE ONLY signon.visit
    ADD CONSTRAINT visit_client_fkey FOREIGN KEY (client) REFERENCES signon.client(id);

-- Name: card card_event_fkey; Type: FK CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.card
    ADD CONSTRAINT card_event_fkey FOREIGN KEY (event) REFERENCES supervision.event(id);

-- Name: checked checked_sample_place_fkey; Type: FK CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.checked
    ADD CONSTRAINT checked_sample_place_fkey FOREIGN KEY (sample, place) REFERENCES supervision.drawn(sample, place);

-- Name: drawn drawn_sample_fkey; Type: FK CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.drawn
    ADD CONSTRAINT drawn_sample_fkey FOREIGN KEY (sample) REFERENCES supervision.sample(id);

-- Name: evidence evidence_card_step_fkey; Type: FK CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.evidence
    ADD CONSTRAINT evidence_card_step_fkey FOREIGN KEY (card, step) REFERENCES supervision.step(card, seq);

-- Name: evidence evidence_finding_fkey; Type: FK CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.evidence
    ADD CONSTRAINT evidence_finding_fkey FOREIGN KEY (finding) REFERENCES supervision.finding(id);

-- Name: step step_card_fkey; Type: FK CONSTRAINT; Schema: supervision; Owner: -
--
ALTER TABLE ONLY supervision.step
    ADD CONSTRAINT step_card_fkey FOREIGN KEY (card) REFERENCES supervision.card(id);

-- PostgreSQL database dump complete
--
