-- What the helpdesk sees of an office: what happened to its enrolment, what was refused it of
-- late, and jobs on many offices at once.

ALTER TABLE link ADD COLUMN handed_out BIGINT NOT NULL DEFAULT 1;   -- how often its password was made
ALTER TABLE certificate ADD COLUMN seen_at BIGINT;                  -- last shown, to the minute

CREATE TABLE enrolment_event (
    number {number},
    office BIGINT NOT NULL REFERENCES office (number),
    happened_at BIGINT NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL,               -- person, terminal or operator
    person {bytes} REFERENCES account (id),
    reason TEXT,
    identified TEXT,
    cause TEXT,
    refused TEXT,                      -- code of the problem
    link {bytes},
    serial TEXT,
    job {bytes}
);
CREATE INDEX enrolment_event_by_office ON enrolment_event (office, happened_at, number);

-- What was before this table, as far as it is known.
INSERT INTO enrolment_event (office, happened_at, event, actor, link)
SELECT o.number, l.issued_at, 'link-issued', 'operator', l.id
FROM link l JOIN office o ON o.code = l.office;
INSERT INTO enrolment_event (office, happened_at, event, actor, link)
SELECT o.number, l.cancelled_at, 'link-cancelled', 'operator', l.id
FROM link l JOIN office o ON o.code = l.office WHERE l.cancelled_at IS NOT NULL;
INSERT INTO enrolment_event (office, happened_at, event, actor, link)
SELECT o.number, l.locked_at, 'link-locked', 'terminal', l.id
FROM link l JOIN office o ON o.code = l.office WHERE l.locked_at IS NOT NULL;
INSERT INTO enrolment_event (office, happened_at, event, actor, link)
SELECT o.number, l.used_at, 'enrolled', 'terminal', l.id
FROM link l JOIN office o ON o.code = l.office WHERE l.used_at IS NOT NULL;
INSERT INTO enrolment_event (office, happened_at, event, actor, serial)
SELECT o.number, c.first_used_at, 'first-used', 'terminal', c.serial
FROM certificate c JOIN office o ON o.code = c.office WHERE c.first_used_at IS NOT NULL;
INSERT INTO enrolment_event (office, happened_at, event, actor, serial)
SELECT o.number, c.revoked_at, 'revoked', 'operator', c.serial
FROM certificate c JOIN office o ON o.code = c.office WHERE c.revoked_at IS NOT NULL;

-- One row for each code that an office's link or terminal met: bounded, and without a person.
CREATE TABLE refusal (
    office BIGINT NOT NULL REFERENCES office (number),
    what TEXT NOT NULL,                -- link or terminal
    code TEXT NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (office, what, code)
) {keyed};
CREATE INDEX refusal_by_code ON refusal (code, last_at);

CREATE TABLE job (
    id {bytes} NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT,
    identified TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    offices BIGINT NOT NULL,
    done BIGINT NOT NULL,
    asked_by {bytes} REFERENCES account (id),      -- absent: the command line
    asked_at BIGINT NOT NULL,
    decide_by BIGINT,                  -- until when a second person must decide
    decided_by {bytes} REFERENCES account (id),
    decision_reason TEXT,
    ended_at BIGINT
);
CREATE INDEX job_by_state ON job (state, id);

CREATE TABLE job_office (
    job {bytes} NOT NULL REFERENCES job (id),
    place BIGINT NOT NULL,
    office BIGINT NOT NULL REFERENCES office (number),
    outcome TEXT NOT NULL,
    link {bytes},
    at BIGINT,
    PRIMARY KEY (job, place)
) {keyed};
CREATE INDEX job_office_pending ON job_office (job, place) WHERE outcome = 'pending';
