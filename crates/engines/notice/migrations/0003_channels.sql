-- Where people want to hear of messages besides the inbox: an address each, confirmed by a code that was sent there.
CREATE TABLE notice.channel (
    id           uuid        PRIMARY KEY,
    person       uuid,
    organisation uuid,
    way          text        NOT NULL CHECK (way IN ('mail', 'sms')),
    -- Sealed.
    address      text        NOT NULL,
    lang         text        NOT NULL CHECK (lang IN ('zh', 'en')),
    added        timestamptz NOT NULL,
    confirmed_at timestamptz,
    -- The digest of the code that was sent, until when it counts, and how often another one was typed.
    code         text,
    code_until   timestamptz,
    tries        integer     NOT NULL DEFAULT 0,
    -- How many codes were sent on that day.
    codes        integer     NOT NULL DEFAULT 0,
    codes_day    date        NOT NULL,
    CHECK (num_nonnulls(person, organisation) = 1)
);
CREATE UNIQUE INDEX channel_owner ON notice.channel (coalesce(person, organisation), way);

-- What was carried outside: to a masked address; the address and the words stand sealed until it is done.
CREATE TABLE notice.delivery (
    id       uuid        PRIMARY KEY,
    -- None for a code and for a trial of an administrator.
    message  uuid        REFERENCES notice.message,
    way      text        NOT NULL CHECK (way IN ('mail', 'sms')),
    shown    text        NOT NULL,
    address  text        NOT NULL,
    words    text        NOT NULL,
    state    text        NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts integer     NOT NULL DEFAULT 0,
    reason   text,
    -- Kept inside instead of being sent: the words stay for whoever tries the platform out.
    inside   boolean     NOT NULL DEFAULT false,
    queued   timestamptz NOT NULL,
    done     timestamptz
);
CREATE INDEX delivery_message ON notice.delivery (message) WHERE message IS NOT NULL;
CREATE INDEX delivery_queued ON notice.delivery (queued DESC, id DESC);
