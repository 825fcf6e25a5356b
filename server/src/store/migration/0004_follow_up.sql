-- Returnees, what was seen of them, and lists on their way in.

CREATE TABLE returnee (
    number {number},
    id {bytes} NOT NULL UNIQUE,
    version BIGINT NOT NULL DEFAULT 1,
    health_centre BIGINT NOT NULL REFERENCES office (number),

    name TEXT NOT NULL,                -- as written, never normalised
    kana TEXT,
    romaji TEXT,
    birth_date {ordinal},
    sex TEXT,
    nationality TEXT,
    passport_number TEXT,
    entry_date {ordinal} NOT NULL,
    entry_port TEXT,
    flight TEXT,
    address TEXT,
    place_of_stay TEXT,
    phone TEXT,
    mail TEXT,
    consent BIGINT,
    remarks TEXT,

    search TEXT NOT NULL,              -- the search keys of name, kana, romaji, phone and passport
    likeness TEXT,                     -- birth date and search key of the kana, where both are known
    origin TEXT UNIQUE,                -- hash of what the person was first entered with

    first_day {ordinal} NOT NULL,
    last_day {ordinal} NOT NULL,
    period_by {bytes} REFERENCES account (id),
    period_reason TEXT,
    period_ended BIGINT,
    assignee {bytes} REFERENCES account (id),

    -- Kept with every observation and sign, so that each filter of the work list has an index.
    reached_day {ordinal} NOT NULL DEFAULT '',   -- the last day on which the person was reached
    open_signs BIGINT NOT NULL DEFAULT 0,
    -- 0 only if the follow-up has ended; cleared some time after the end. Keeps years of ended
    -- follow-ups out of the index of those not reached.
    active BIGINT NOT NULL DEFAULT 1,

    changed_by {bytes} NOT NULL REFERENCES account (id),
    changed_at BIGINT NOT NULL
);
CREATE INDEX returnee_by_end ON returnee (health_centre, last_day, number);
-- The last two let it tell by itself who entered today and is not due yet: those were never
-- reached, so they all come first.
CREATE INDEX returnee_unreached
    ON returnee (health_centre, reached_day, last_day, number, first_day, active)
    WHERE active = 1;
CREATE INDEX returnee_with_sign ON returnee (health_centre, last_day, number)
    WHERE open_signs > 0;
CREATE INDEX returnee_by_assignee ON returnee (assignee, last_day, number)
    WHERE assignee IS NOT NULL;
CREATE INDEX returnee_by_likeness ON returnee (likeness) WHERE likeness IS NOT NULL;
CREATE INDEX returnee_by_passport ON returnee (passport_number) WHERE passport_number IS NOT NULL;

CREATE TABLE observation (
    returnee BIGINT NOT NULL REFERENCES returnee (number),
    day {ordinal} NOT NULL,
    version BIGINT NOT NULL,
    reach TEXT NOT NULL,
    temperature BIGINT,                -- tenths of a degree Celsius
    symptoms TEXT,                     -- JSON; absent where nobody asked
    household TEXT,                    -- JSON; absent where nobody asked
    note TEXT,
    sign BIGINT NOT NULL,              -- whether these findings are a sign
    recorded_by {bytes} NOT NULL REFERENCES account (id),
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (returnee, day)
) {keyed};

CREATE TABLE sign (
    id {bytes} NOT NULL PRIMARY KEY,
    returnee BIGINT NOT NULL REFERENCES returnee (number),
    day {ordinal} NOT NULL,
    causes TEXT NOT NULL,              -- JSON
    closed_by {bytes} REFERENCES account (id),
    closed_at BIGINT,
    action TEXT
);
CREATE INDEX sign_by_returnee ON sign (returnee, day);

CREATE TABLE import (
    id {bytes} NOT NULL PRIMARY KEY,
    office BIGINT NOT NULL REFERENCES office (number),
    file_name TEXT NOT NULL,
    rows BIGINT NOT NULL,              -- announced
    opened_at BIGINT NOT NULL,
    committed_at BIGINT
);

CREATE TABLE import_chunk (
    import {bytes} NOT NULL REFERENCES import (id),
    number BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    content {bytes} NOT NULL,          -- for each row the columns of a returnee, in order
    PRIMARY KEY (import, number)
);

-- Returnees whose search entry is missing or old. They are found by reading them one by one.
CREATE TABLE search_due (
    number BIGINT NOT NULL PRIMARY KEY,
    health_centre BIGINT NOT NULL      -- theirs, so that each reads its own only
) {keyed};
CREATE INDEX search_due_by_centre ON search_due (health_centre, number);
