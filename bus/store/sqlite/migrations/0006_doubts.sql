-- Which deliveries may have been sent by a bus of whose journal this is a copy, or which it does not
-- remember? When their turn comes they count as sent. Gone as soon as they do: the facts keep it.
CREATE TABLE doubts (
  "message" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;
