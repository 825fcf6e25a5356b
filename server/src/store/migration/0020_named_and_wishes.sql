-- By what people are found in the log; see accounts/named.rs.
ALTER TABLE account ADD COLUMN search TEXT;   -- the key of the name; NULL: not entered yet
CREATE INDEX account_unsearchable ON account (id) WHERE search IS NULL;
CREATE TABLE account_gram (
    account {bytes} NOT NULL REFERENCES account (id),
    gram {ordinal} NOT NULL,
    PRIMARY KEY (account, gram)
) {keyed};
CREATE INDEX account_by_gram ON account_gram (gram, account);

-- Which jobs are for an office, for what waits on its page at the helpdesk.
CREATE INDEX job_office_by_office ON job_office (office, job);

-- Terminals' wishes for another certificate that were used, each by what its terminal signed; see
-- enrolment/wish.rs.
CREATE TABLE wish (
    certificate {bytes} NOT NULL,
    said_at {ordinal} NOT NULL,        -- the terminal's instant, as it stands under the signature
    noted_at BIGINT NOT NULL,          -- since when the office's wish was answered to be known
    ends_at BIGINT NOT NULL,           -- when it is too old to be used anyhow
    PRIMARY KEY (certificate, said_at)
) {keyed};
CREATE INDEX wish_by_end ON wish (ends_at);
