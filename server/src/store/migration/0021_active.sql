-- A search among those not reached: whom the index of grams proposes is mostly somebody whose
-- follow-up ended long ago, and is turned down here without their row being read.
CREATE INDEX returnee_active ON returnee (number, first_day, last_day) WHERE active = 1;
