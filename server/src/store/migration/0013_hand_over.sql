-- How a returnee came to the health centre that is responsible now; all NULL for whoever was never
-- handed over. Earlier hand-overs stand in the audit log.
ALTER TABLE returnee ADD COLUMN handed_from BIGINT REFERENCES office (number);
ALTER TABLE returnee ADD COLUMN handed_by {bytes} REFERENCES account (id);
ALTER TABLE returnee ADD COLUMN handed_at BIGINT;
ALTER TABLE returnee ADD COLUMN handed_reason TEXT;
