-- How a session was proven, and other second factors than a code.

ALTER TABLE party.session
    -- Words of the proofs, joined by +: password, code, passkey, certificate, recovery-code …
    ADD COLUMN means  text    NOT NULL DEFAULT 'password',
    -- Whether two factors were proven, or one that is two: without it staff have no roles.
    ADD COLUMN strong boolean NOT NULL DEFAULT false;

UPDATE party.session SET strong = true, means = 'password+code'
FROM party.account WHERE account.id = session.account AND account.totp_secret IS NOT NULL;

-- Passkeys and certificates that are registered for the account; they lie with whoever checks them.
ALTER TABLE party.account ADD COLUMN keys integer NOT NULL DEFAULT 0 CHECK (keys >= 0);

ALTER TABLE party.proof ADD COLUMN means text NOT NULL DEFAULT 'password';

CREATE INDEX session_behalf ON party.session (behalf, account) WHERE behalf IS NOT NULL AND revoked_at IS NULL;
