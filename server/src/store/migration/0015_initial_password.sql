-- Until when the password that the operator handed over opens a session, in which it must be changed
-- before anything else; NULL once its person has chosen one.
ALTER TABLE account ADD COLUMN initial_until BIGINT;
