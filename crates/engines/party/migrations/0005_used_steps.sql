-- The steps of codes that were used, and not only the last one: a clock that was ahead and is set back must neither
-- shut people out until it has caught up, nor let a code be used again. `totp_last_step` goes on being written for
-- a node of the version before.
CREATE TABLE party.used_step (
    account uuid   NOT NULL REFERENCES party.account (id),
    step    bigint NOT NULL,
    PRIMARY KEY (account, step)
);

INSERT INTO party.used_step (account, step)
SELECT id, totp_last_step FROM party.account WHERE totp_last_step IS NOT NULL;
