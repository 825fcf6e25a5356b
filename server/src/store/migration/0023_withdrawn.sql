-- Days whose record was withdrawn, the last time of each. A record written anew goes on counting its
-- versions from the one that was withdrawn, so that whoever still sees that one overwrites nothing.
CREATE TABLE withdrawal (
    returnee BIGINT NOT NULL REFERENCES returnee (number),
    day {ordinal} NOT NULL,
    version BIGINT NOT NULL,           -- of the record that was withdrawn
    withdrawn_by {bytes} NOT NULL REFERENCES account (id),
    withdrawn_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (returnee, day)
) {keyed};
-- 1: came of a record that was withdrawn, and says nothing of the one that stands there now.
ALTER TABLE sign ADD COLUMN withdrawn BIGINT NOT NULL DEFAULT 0;
