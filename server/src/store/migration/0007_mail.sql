-- Outgoing mail, and passwords that wait to be printed or read out.

CREATE TABLE mail (
    id {bytes} NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    way TEXT NOT NULL,                 -- mail, letter or phone
    office TEXT NOT NULL,              -- code of the office that it is about
    link {bytes},                      -- the link that it is about
    recipient TEXT,                    -- address; none for a letter and the telephone
    message_id TEXT NOT NULL UNIQUE,   -- made once: a repeat is known by it
    once TEXT UNIQUE,                  -- names an occasion that is written about only once
    sealed {bytes},                    -- subject and text, or the password; wiped when done with
    sealed_with {bytes} NOT NULL,      -- which key opens it
    state TEXT NOT NULL,
    queued_at BIGINT NOT NULL,
    begins_at BIGINT NOT NULL,         -- first tried then; given up three days later
    due_at BIGINT NOT NULL,            -- next tried then
    attempts BIGINT NOT NULL,
    holder {bytes},                    -- the server that is sending it
    held_until BIGINT,                 -- until then no other server takes it
    answer TEXT,                       -- what the mail server said last
    settled_at BIGINT                  -- when it came into its last state
);
CREATE INDEX mail_due ON mail (due_at) WHERE state = 'waiting';
CREATE INDEX mail_by_state ON mail (state, id);
CREATE INDEX mail_by_office ON mail (office, id);
CREATE INDEX mail_by_link ON mail (link, kind);
-- What still holds a secret.
CREATE INDEX mail_sealed ON mail (settled_at) WHERE sealed IS NOT NULL;

-- Links that somebody may be reminded of.
CREATE INDEX link_unused ON link (expires_at) WHERE used_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX link_locked ON link (locked_at) WHERE locked_at IS NOT NULL;
