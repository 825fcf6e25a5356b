-- Who waits for another certificate is shown whenever the helpdesk's desk opens: few among the many
-- entries of a country's timelines.
CREATE INDEX enrolment_event_asked ON enrolment_event (office, happened_at)
    WHERE event = 'reissue-asked';
