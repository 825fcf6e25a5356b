-- What needs a second person: what the operator asks for at the command line, and what one person
-- reissued or revoked of late, by person.

CREATE TABLE approval (
    id {bytes} NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    deed TEXT NOT NULL,
    about TEXT NOT NULL,               -- to what exactly; the yes is for this alone
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,           -- until when it can be decided and used
    decided_by {bytes} REFERENCES account (id),
    decided_at BIGINT,
    decision_reason TEXT,
    used_at BIGINT
);
CREATE INDEX approval_by_state ON approval (state, id);

CREATE INDEX enrolment_event_of_weight ON enrolment_event (actor, person, happened_at)
    WHERE event IN ('reissued', 'revoked');
CREATE INDEX job_by_person ON job (asked_by, state);
