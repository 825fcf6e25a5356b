-- The code of the office to which a deed was done, where that is not the one at whose terminal it was
-- done: by the operator, the helpdesk or the program itself. NULL in every row written before.
ALTER TABLE audit ADD COLUMN concerns TEXT;
