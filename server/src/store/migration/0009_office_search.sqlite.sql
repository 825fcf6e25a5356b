-- What offices are found by at the helpdesk; see offices/search.rs.
ALTER TABLE office ADD COLUMN reading TEXT;
ALTER TABLE office ADD COLUMN phone TEXT;
ALTER TABLE office ADD COLUMN address TEXT;
ALTER TABLE office ADD COLUMN search TEXT NOT NULL DEFAULT '';   -- '': not entered yet
CREATE INDEX office_unsearchable ON office (number) WHERE search = '';
CREATE VIRTUAL TABLE office_search USING fts5 (
    grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
