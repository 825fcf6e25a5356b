-- What offices are found by at the helpdesk; see offices/search.rs.
ALTER TABLE office ADD COLUMN reading TEXT;
ALTER TABLE office ADD COLUMN phone TEXT;
ALTER TABLE office ADD COLUMN address TEXT;
ALTER TABLE office ADD COLUMN search TEXT NOT NULL DEFAULT '';   -- '': not entered yet
CREATE INDEX office_unsearchable ON office (number) WHERE search = '';
CREATE TABLE office_search (
    number BIGINT PRIMARY KEY REFERENCES office (number) ON DELETE CASCADE,
    grams TEXT[] NOT NULL
);
CREATE INDEX office_search_by_gram ON office_search USING gin (grams);
