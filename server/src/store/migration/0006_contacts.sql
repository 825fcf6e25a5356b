-- How offices are reached. Each change is a row of its own: the newest counts, the others are the
-- history.
CREATE TABLE contact (
    office BIGINT NOT NULL REFERENCES office (number),
    version BIGINT NOT NULL,           -- 1, 2, 3 …
    mail TEXT NOT NULL,                -- where links and notices go
    password_mail TEXT,                -- where passwords go; never the same mailbox
    changed_by {bytes} REFERENCES account (id),   -- absent: the command line
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (office, version)
) {keyed};

INSERT INTO contact (office, version, mail, changed_at)
SELECT number, 1, mail, added_at FROM office WHERE mail LIKE '%_@_%._%' AND mail NOT LIKE '% %';
ALTER TABLE office DROP COLUMN mail;
