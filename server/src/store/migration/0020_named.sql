-- By what people are found in the log; see accounts/named.rs.
ALTER TABLE account ADD COLUMN search TEXT;   -- the key of the name; NULL: not entered yet
CREATE INDEX account_unsearchable ON account (id) WHERE search IS NULL;
CREATE TABLE account_gram (
    account {bytes} NOT NULL REFERENCES account (id),
    gram {ordinal} NOT NULL,
    PRIMARY KEY (account, gram)
) {keyed};
CREATE INDEX account_by_gram ON account_gram (gram, account);
