-- By what people are known again has a table of its own on SQLite (see follow_up/known.rs).
-- PostgreSQL keeps its indexes: a list comes in by one transaction there.
SELECT 1;
