-- The people of a list that is being written to SQLite, slice by slice. Their numbers were set
-- aside beforehand, and no list shows them until this row lets go of them (see
-- follow_up/import/arriving.rs). PostgreSQL writes all of them in one transaction, which stands in
-- nobody's way.
CREATE TABLE arriving (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    import {bytes},                    -- absent while nobody arrives
    lowest BIGINT NOT NULL,
    highest BIGINT NOT NULL
);
INSERT INTO arriving (one, lowest, highest) VALUES (1, 0, 0);

-- Grams of four characters came to those of five and of three: all entries are made anew.
INSERT INTO search_due (number, health_centre) SELECT number, health_centre FROM returnee
ON CONFLICT (number) DO NOTHING;
UPDATE office SET search = '';
