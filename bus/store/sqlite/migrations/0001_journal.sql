-- The journal. Columns are the fields of the rows in bus/journal/rows.py, in their order.
-- Times are µs since 1970 UTC. Each index is paid for by every message: it says whom it serves.

CREATE TABLE messages (
  "id" TEXT NOT NULL PRIMARY KEY,
  "received_at" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "sender" TEXT NOT NULL,
  "carrier" TEXT NOT NULL,
  "remote" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "transaction" TEXT NOT NULL,
  "version" TEXT NOT NULL,
  "uuid" TEXT NOT NULL,
  "company" TEXT NOT NULL,
  "branch" TEXT NOT NULL,
  "entity" TEXT NOT NULL,
  "event" TEXT NOT NULL,
  "document" TEXT NOT NULL,
  "mode" TEXT NOT NULL,
  "identity" TEXT NOT NULL,
  "body_hash" TEXT NOT NULL,
  "content_hash" TEXT NOT NULL,
  "configuration" INTEGER NOT NULL,
  "rule" TEXT NOT NULL,
  "parent" TEXT NOT NULL,
  "deadline" INTEGER NOT NULL,
  "planned" INTEGER NOT NULL,
  "deliveries" INTEGER NOT NULL,
  "answering" INTEGER NOT NULL,
  "answer" INTEGER NOT NULL,
  "answer_to" TEXT NOT NULL,
  "faults" TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Listings of refusals.
CREATE INDEX messages_rejected ON messages (id) WHERE state = 'rejected';

-- Listings. Who sent what to whom, in which stretch of ids (the first characters of an id, which grows
-- with time): a few rows a day instead of an index that every message pays for. `at` is when it was
-- first seen.
CREATE TABLE sightings (
  "stretch" TEXT NOT NULL,
  "sender" TEXT NOT NULL,
  "transaction" TEXT NOT NULL,
  "destination" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  PRIMARY KEY (stretch, sender, "transaction", destination)
) STRICT, WITHOUT ROWID;

-- Bodies live apart, so that reading states stays quick.
CREATE TABLE bodies (
  "message" TEXT NOT NULL PRIMARY KEY,
  "body" BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
  "message" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "destination" TEXT NOT NULL,
  "rule" TEXT NOT NULL,
  "lane" TEXT NOT NULL,
  "seq" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "due_at" INTEGER,
  "deadline" INTEGER NOT NULL,
  "attempts" INTEGER NOT NULL,
  "tries" INTEGER NOT NULL,
  "worker" TEXT NOT NULL,
  "lease_until" INTEGER NOT NULL,
  "started" INTEGER NOT NULL,
  "safe" INTEGER NOT NULL,
  "sent_uuid" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "detail" TEXT NOT NULL,
  "changed_at" INTEGER NOT NULL,
  PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;

-- Claiming: what is due, the longest due first. All that waits, so that it can be counted here.
CREATE INDEX deliveries_waiting ON deliveries (destination, due_at) WHERE state = 'waiting';
-- Claiming: synchronous deadlines that ran out.
CREATE INDEX deliveries_urgent ON deliveries (deadline) WHERE state = 'waiting' AND deadline > 0;
-- Claiming: leases that ran out.
CREATE INDEX deliveries_sending ON deliveries (lease_until) WHERE state = 'sending';
-- Lanes: whose place is it? One place has one delivery. What is gone needs none, which keeps this small.
CREATE UNIQUE INDEX deliveries_by_place ON deliveries (lane, seq)
  WHERE seq > 0 AND state NOT IN ('delivered', 'discarded');
-- Listings of what needs somebody, and answers that are overdue. The usual way passes it by.
CREATE INDEX deliveries_stopped ON deliveries (state, due_at) WHERE state IN (
  'held', 'awaiting de-para', 'awaiting response', 'refused', 'dead', 'unknown', 'blocked'
);

-- Everything that is found by a name of the world outside: uuids, ids of documents, business keys. Such
-- names fall anywhere, and each new place costs a page of every commit, so they share one tree in which
-- what has the same name lies together. `name` is where it lies, `kind` and `key` say what it is;
-- the views below show it as the rows that it holds.
CREATE TABLE names (
  "name" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "message" TEXT,
  "content_hash" TEXT,
  "at" INTEGER,
  "document" TEXT,
  "entered" INTEGER,
  "head" INTEGER,
  "delivered" TEXT,
  PRIMARY KEY (name, kind, "key")
) STRICT, WITHOUT ROWID;

CREATE VIEW identities ("key", message, content_hash, at) AS
  SELECT "key", message, content_hash, at FROM names WHERE kind = 'identity';

CREATE VIEW lanes (name, entered, head, delivered) AS
  SELECT "key", entered, head, delivered FROM names WHERE kind = 'lane';

CREATE VIEW documents (sender, entity, id, document) AS
  SELECT "key" ->> 0, "key" ->> 1, name, document FROM names WHERE kind = 'document';

CREATE VIEW business_keys (name, value, message) AS
  SELECT "key" ->> 1, name, "key" ->> 0 FROM names WHERE kind = 'business key';

CREATE TABLE attempts (
  "message" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "attempt" INTEGER NOT NULL,
  "worker" TEXT NOT NULL,
  "started_at" INTEGER NOT NULL,
  "ended_at" INTEGER NOT NULL,
  "outcome" TEXT NOT NULL,
  "fault" TEXT NOT NULL,
  "substitutions" TEXT NOT NULL,
  "answer" BLOB NOT NULL,
  PRIMARY KEY (message, number, attempt)
) STRICT;

CREATE TABLE answers (
  "message" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "made_at" INTEGER NOT NULL,
  "status" TEXT NOT NULL,
  "code" TEXT NOT NULL,
  "body" BLOB NOT NULL,
  "original" INTEGER NOT NULL,
  PRIMARY KEY (message, number)
) STRICT;

CREATE TABLE applications (
  "name" TEXT NOT NULL PRIMARY KEY,
  "paused_until" INTEGER NOT NULL,
  "outages" INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE configurations (
  "number" INTEGER NOT NULL PRIMARY KEY,
  "at" INTEGER NOT NULL,
  "actor" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "text" TEXT NOT NULL
) STRICT;

-- Facts lie with those of their message. `position` tells their order; it grows with every fact, and
-- with every opening of the file by more than a bus can tell in its life.
CREATE TABLE facts (
  "position" INTEGER NOT NULL,
  "at" INTEGER NOT NULL,
  "kind" TEXT NOT NULL,
  "message" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "attempt" INTEGER NOT NULL,
  "step" TEXT NOT NULL,
  "actor" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "data" TEXT NOT NULL,
  PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE openings (
  "number" INTEGER NOT NULL PRIMARY KEY,
  "at" INTEGER NOT NULL
) STRICT;

-- Promise 7: history is append-only.
CREATE TRIGGER facts_are_never_changed BEFORE UPDATE ON facts
BEGIN
  SELECT RAISE(ABORT, 'facts are append-only');
END;

CREATE TRIGGER facts_are_never_removed BEFORE DELETE ON facts
BEGIN
  SELECT RAISE(ABORT, 'facts are append-only');
END;
