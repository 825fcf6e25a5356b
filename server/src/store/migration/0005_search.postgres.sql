-- Which returnee holds which grams: an index over tokens made by the program (see search.rs), so
-- that no collation or dictionary of the server has a say.
CREATE TABLE returnee_search (
    number BIGINT PRIMARY KEY REFERENCES returnee (number) ON DELETE CASCADE,
    grams TEXT[] NOT NULL
);
CREATE INDEX returnee_search_by_gram ON returnee_search USING gin (grams);
