-- Listings of messages whose answer differs from its contract.
CREATE INDEX facts_of_answers_that_differ ON facts (message, "number")
  WHERE kind = 'answer differs';
