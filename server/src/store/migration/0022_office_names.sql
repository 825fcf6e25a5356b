-- Whether another office has a name is asked whenever one is added.
CREATE INDEX office_by_name ON office (name);
