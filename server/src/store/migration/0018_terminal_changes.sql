-- Whose terminals changed when the counter of `terminals` in `change` came to this number: the codes of
-- the offices, with a space between two. See change.rs.
CREATE TABLE terminal_change (
    counter BIGINT NOT NULL PRIMARY KEY,
    offices TEXT NOT NULL
);
