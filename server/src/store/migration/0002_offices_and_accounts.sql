-- Who there is: offices, the people in them, and who is logged in.

CREATE TABLE office (
    number {number},
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    mail TEXT,
    parent BIGINT REFERENCES office (number),
    added_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX office_by_parent ON office (parent);

CREATE TABLE account (
    id {bytes} NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    office BIGINT NOT NULL REFERENCES office (number),
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    password TEXT NOT NULL,        -- Argon2id, as a PHC string
    added_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX account_by_office ON account (office);

CREATE TABLE session (
    id {bytes} NOT NULL PRIMARY KEY,
    token {bytes} NOT NULL UNIQUE, -- SHA-256 of what the client sends
    account {bytes} NOT NULL REFERENCES account (id),
    serial TEXT NOT NULL,          -- the certificate that it was opened over, and dies with
    opened_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_by_account ON session (account);
CREATE INDEX session_by_end ON session (expires_at);

-- Wrong passwords, for each login that was tried (known or not) and each terminal.
CREATE TABLE wrong_password (
    tried_on TEXT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
