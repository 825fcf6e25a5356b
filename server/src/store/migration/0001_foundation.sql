-- What every write leans on: answers already given, the audit chain, and the counters by which
-- a running server notices what another process changed.

CREATE TABLE receipt (
    caller {bytes} NOT NULL,       -- terminal and user that asked, hashed together
    key {bytes} NOT NULL,          -- the client-made Idempotency-Key
    request {bytes} NOT NULL,      -- SHA-256 of endpoint and request
    answer TEXT NOT NULL,          -- JSON
    given_at BIGINT NOT NULL,
    PRIMARY KEY (key, caller)
);
CREATE INDEX receipt_by_age ON receipt (given_at);

CREATE TABLE audit (
    number BIGINT PRIMARY KEY,     -- 1, 2, 3 … without a gap
    happened_at BIGINT NOT NULL,
    terminal {bytes},
    person {bytes},
    office TEXT,
    action TEXT NOT NULL,
    subject {bytes},
    detail TEXT NOT NULL,          -- JSON
    hash {bytes} NOT NULL          -- SHA-256 over the previous hash and this row
);
CREATE INDEX audit_by_subject ON audit (subject, number);

-- The end of the chain, so that cutting rows off the end is noticed, and so that several servers
-- queue here for the next number.
CREATE TABLE audit_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL,
    hash {bytes} NOT NULL
);

CREATE TABLE change (
    noun TEXT PRIMARY KEY,
    counter BIGINT NOT NULL
);
-- An empty log: number 0 and 32 zero bytes.
INSERT INTO audit_head (one, number, hash) VALUES (1, 0, {zeros});
