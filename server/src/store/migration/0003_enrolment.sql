-- Links, and the certificates that came of them.

CREATE TABLE link (
    id {bytes} PRIMARY KEY,
    office TEXT NOT NULL,              -- office code
    password TEXT NOT NULL,            -- Argon2id, PHC string
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,        -- dead from this millisecond on
    wrong_passwords BIGINT NOT NULL,
    locked_at BIGINT,
    cancelled_at BIGINT,
    used_at BIGINT,                    -- when the link was bound to its one key
    public_key {bytes},                -- SHA-256 of that key's SubjectPublicKeyInfo
    certificate {bytes}                -- fingerprint of what was issued for it
);
CREATE INDEX link_by_office ON link (office, issued_at);

CREATE TABLE certificate (
    fingerprint {bytes} PRIMARY KEY,   -- SHA-256 of the DER
    serial TEXT NOT NULL UNIQUE,       -- lowercase hexadecimal
    office TEXT NOT NULL,              -- office code
    terminal {bytes} NOT NULL,
    public_key {bytes} NOT NULL,       -- SHA-256 of the SubjectPublicKeyInfo
    der {bytes} NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,        -- its last second
    first_used_at BIGINT,
    superseded_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX certificate_by_office ON certificate (office, issued_at);
CREATE INDEX certificate_by_expiry ON certificate (expires_at);
