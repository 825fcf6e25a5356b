-- Which returnee holds which grams: an index over tokens made by the program (see search.rs), so
-- the tokenizer has nothing to decide. No copy of the text is kept.
CREATE VIRTUAL TABLE returnee_search USING fts5 (
    grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
