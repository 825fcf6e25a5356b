-- How often an account's name was written, and when somebody last logged in with it: NULL where that
-- has not been since this step.
ALTER TABLE account ADD COLUMN name_version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE account ADD COLUMN last_login_at BIGINT;
