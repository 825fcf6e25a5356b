-- By what people are known again, in a table of its own instead of three indexes over the people:
-- a list is written slice by slice, and each slice would touch nearly every page of these, since
-- neither origins nor readings nor passports come in order. See follow_up/known.rs.
--
-- A column cannot cease to be UNIQUE, so the people are written anew, and what refers to them.

CREATE TABLE returnee_anew (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    version BIGINT NOT NULL DEFAULT 1,
    health_centre BIGINT NOT NULL REFERENCES office (number),

    name TEXT NOT NULL,
    kana TEXT,
    romaji TEXT,
    birth_date TEXT,
    sex TEXT,
    nationality TEXT,
    passport_number TEXT,
    entry_date TEXT NOT NULL,
    entry_port TEXT,
    flight TEXT,
    address TEXT,
    place_of_stay TEXT,
    phone TEXT,
    mail TEXT,
    consent BIGINT,
    remarks TEXT,

    search TEXT NOT NULL,
    likeness TEXT,
    origin TEXT,

    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    period_by BLOB REFERENCES account (id),
    period_reason TEXT,
    period_ended BIGINT,
    assignee BLOB REFERENCES account (id),

    reached_day TEXT NOT NULL DEFAULT '',
    open_signs BIGINT NOT NULL DEFAULT 0,
    active BIGINT NOT NULL DEFAULT 1,

    changed_by BLOB NOT NULL REFERENCES account (id),
    changed_at BIGINT NOT NULL,

    handed_from BIGINT REFERENCES office (number),
    handed_by BLOB REFERENCES account (id),
    handed_at BIGINT,
    handed_reason TEXT
);
INSERT INTO returnee_anew
    (number, id, version, health_centre, name, kana, romaji, birth_date, sex, nationality,
     passport_number, entry_date, entry_port, flight, address, place_of_stay, phone, mail, consent,
     remarks, search, likeness, origin, first_day, last_day, period_by, period_reason, period_ended,
     assignee, reached_day, open_signs, active, changed_by, changed_at, handed_from, handed_by,
     handed_at, handed_reason)
SELECT number, id, version, health_centre, name, kana, romaji, birth_date, sex, nationality,
     passport_number, entry_date, entry_port, flight, address, place_of_stay, phone, mail, consent,
     remarks, search, likeness, origin, first_day, last_day, period_by, period_reason, period_ended,
     assignee, reached_day, open_signs, active, changed_by, changed_at, handed_from, handed_by,
     handed_at, handed_reason
FROM returnee ORDER BY number;
-- Numbers that were given once are never given again.
DELETE FROM sqlite_sequence WHERE name = 'returnee_anew';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'returnee_anew', seq FROM sqlite_sequence WHERE name = 'returnee';

CREATE TABLE observation_anew (
    returnee BIGINT NOT NULL REFERENCES returnee_anew (number),
    day TEXT NOT NULL,
    version BIGINT NOT NULL,
    reach TEXT NOT NULL,
    temperature BIGINT,
    symptoms TEXT,
    household TEXT,
    note TEXT,
    sign BIGINT NOT NULL,
    recorded_by BLOB NOT NULL REFERENCES account (id),
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (returnee, day)
) WITHOUT ROWID;
INSERT INTO observation_anew
    (returnee, day, version, reach, temperature, symptoms, household, note, sign, recorded_by,
     recorded_at)
SELECT returnee, day, version, reach, temperature, symptoms, household, note, sign, recorded_by,
     recorded_at
FROM observation ORDER BY returnee, day;

CREATE TABLE sign_anew (
    id BLOB NOT NULL PRIMARY KEY,
    returnee BIGINT NOT NULL REFERENCES returnee_anew (number),
    day TEXT NOT NULL,
    causes TEXT NOT NULL,
    closed_by BLOB REFERENCES account (id),
    closed_at BIGINT,
    action TEXT
);
INSERT INTO sign_anew (id, returnee, day, causes, closed_by, closed_at, action)
SELECT id, returnee, day, causes, closed_by, closed_at, action FROM sign ORDER BY rowid;

DROP TABLE observation;
DROP TABLE sign;
DROP TABLE returnee;
ALTER TABLE returnee_anew RENAME TO returnee;
ALTER TABLE observation_anew RENAME TO observation;
ALTER TABLE sign_anew RENAME TO sign;

-- As they were, without those by likeness and passport number.
CREATE INDEX returnee_by_end ON returnee (health_centre, last_day, number);
CREATE INDEX returnee_unreached
    ON returnee (health_centre, reached_day, last_day, number, first_day, active)
    WHERE active = 1;
CREATE INDEX returnee_with_sign ON returnee (health_centre, last_day, number)
    WHERE open_signs > 0;
CREATE INDEX returnee_by_assignee ON returnee (assignee, last_day, number)
    WHERE assignee IS NOT NULL;
CREATE INDEX sign_by_returnee ON sign (returnee, day);

-- A letter tells what the key is: o for an origin, p for a passport number, l for a likeness.
CREATE TABLE returnee_key (
    key TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (key, number)
) WITHOUT ROWID;
INSERT INTO returnee_key (key, number)
SELECT 'o' || origin, number FROM returnee WHERE origin IS NOT NULL
UNION ALL
SELECT 'p' || passport_number, number FROM returnee WHERE passport_number IS NOT NULL
UNION ALL
SELECT 'l' || likeness, number FROM returnee WHERE likeness IS NOT NULL
ORDER BY 1, 2;

-- Whoever enters people writes their keys, in the order that suits (known.rs). These two keep up
-- with what becomes of them.
CREATE TRIGGER returnee_known_otherwise AFTER UPDATE OF passport_number, likeness ON returnee
WHEN OLD.passport_number IS NOT NEW.passport_number OR OLD.likeness IS NOT NEW.likeness
BEGIN
    DELETE FROM returnee_key
    WHERE key IN ('p' || OLD.passport_number, 'l' || OLD.likeness) AND number = OLD.number;
    INSERT INTO returnee_key (key, number)
    SELECT value, NEW.number FROM json_each(json_array(
        'p' || NEW.passport_number, 'l' || NEW.likeness
    ))
    WHERE value IS NOT NULL;
END;
CREATE TRIGGER returnee_known_no_longer AFTER DELETE ON returnee
BEGIN
    DELETE FROM returnee_key
    WHERE key IN ('o' || OLD.origin, 'p' || OLD.passport_number, 'l' || OLD.likeness)
        AND number = OLD.number;
END;
