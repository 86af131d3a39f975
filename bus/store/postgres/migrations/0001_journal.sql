-- The journal. Columns are the fields of the rows in bus/journal/rows.py, in their order.
-- Times are µs since 1970 UTC, by the clocks of the buses and never the server's. Each index is paid
-- for by every message: it says whom it serves.

-- What an index keeps of a text that others chose: its entries may not be longer than a third of a page.
CREATE FUNCTION indexable(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
  AS $$ SELECT CASE WHEN octet_length($1) > 250 THEN left($1, 50) || md5($1) ELSE $1 END $$;

-- A text as JSON; nothing where somebody damaged it.
CREATE FUNCTION as_json(text) RETURNS json IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql
  AS $$ BEGIN RETURN $1::json; EXCEPTION WHEN others THEN RETURN NULL; END $$;

CREATE TABLE messages (
  "id" text COLLATE "C" NOT NULL PRIMARY KEY,
  "received_at" bigint NOT NULL,
  "state" text COLLATE "C" NOT NULL,
  "sender" text COLLATE "C" NOT NULL,
  "carrier" text COLLATE "C" NOT NULL,
  "remote" text COLLATE "C" NOT NULL,
  "type" text COLLATE "C" NOT NULL,
  "transaction" text COLLATE "C" NOT NULL,
  "version" text COLLATE "C" NOT NULL,
  "uuid" text COLLATE "C" NOT NULL,
  "company" text COLLATE "C" NOT NULL,
  "branch" text COLLATE "C" NOT NULL,
  "entity" text COLLATE "C" NOT NULL,
  "event" text COLLATE "C" NOT NULL,
  "document" text COLLATE "C" NOT NULL,
  "mode" text COLLATE "C" NOT NULL,
  "identity" text COLLATE "C" NOT NULL,
  "body_hash" text COLLATE "C" NOT NULL,
  "content_hash" text COLLATE "C" NOT NULL,
  "configuration" bigint NOT NULL,
  "rule" text COLLATE "C" NOT NULL,
  "parent" text COLLATE "C" NOT NULL,
  "deadline" bigint NOT NULL,
  "planned" bigint NOT NULL,
  "deliveries" bigint NOT NULL,
  "answering" bigint NOT NULL,
  "answer" bigint NOT NULL,
  "answer_to" text COLLATE "C" NOT NULL,
  "faults" text COLLATE "C" NOT NULL,
  "own_document" text COLLATE "C" NOT NULL
);

-- Listings of refusals.
CREATE INDEX messages_rejected ON messages (id) WHERE state = 'rejected';

-- Listings. Who sent what to whom, in which stretch of ids (the first characters of an id, which grows
-- with time): a few rows a day instead of an index that every message pays for. `at` is when it was
-- first seen.
CREATE TABLE sightings (
  "stretch" text COLLATE "C" NOT NULL,
  "sender" text COLLATE "C" NOT NULL,
  "transaction" text COLLATE "C" NOT NULL,
  "destination" text COLLATE "C" NOT NULL,
  "at" bigint NOT NULL
);

CREATE UNIQUE INDEX sightings_key
  ON sightings (stretch, sender, indexable("transaction"), destination);

-- Bodies live apart, so that reading states stays quick.
CREATE TABLE bodies (
  "message" text COLLATE "C" NOT NULL PRIMARY KEY,
  "body" bytea NOT NULL
);

CREATE TABLE deliveries (
  "message" text COLLATE "C" NOT NULL,
  "number" bigint NOT NULL,
  "kind" text COLLATE "C" NOT NULL,
  "destination" text COLLATE "C" NOT NULL,
  "rule" text COLLATE "C" NOT NULL,
  "lane" text COLLATE "C" NOT NULL,
  "seq" bigint NOT NULL,
  "state" text COLLATE "C" NOT NULL,
  "due_at" bigint,
  "deadline" bigint NOT NULL,
  "attempts" bigint NOT NULL,
  "tries" bigint NOT NULL,
  "worker" text COLLATE "C" NOT NULL,
  "lease_until" bigint NOT NULL,
  "started" boolean NOT NULL,
  "safe" boolean NOT NULL,
  "sent_uuid" text COLLATE "C" NOT NULL,
  "reason" text COLLATE "C" NOT NULL,
  "detail" text COLLATE "C" NOT NULL,
  "changed_at" bigint NOT NULL,
  "steps" bigint NOT NULL,
  "asked" bigint NOT NULL,
  "tries_before" bigint NOT NULL,
  "confirmed" boolean NOT NULL,
  "unheard" boolean NOT NULL,
  "check_after" bigint NOT NULL,
  "effect" text COLLATE "C" NOT NULL,
  PRIMARY KEY (message, number)
);

-- Claiming: what is due, the longest due first. All that waits, so that it can be counted here.
CREATE INDEX deliveries_waiting ON deliveries (destination, due_at) WHERE state = 'waiting';
-- Claiming: synchronous deadlines that ran out.
CREATE INDEX deliveries_urgent ON deliveries (deadline) WHERE state = 'waiting' AND deadline > 0;
-- Claiming: leases that ran out.
CREATE INDEX deliveries_sending ON deliveries (lease_until) WHERE state = 'sending';
-- Lanes: whose place is it? One place has one delivery. What is gone needs none, which keeps this small.
CREATE UNIQUE INDEX deliveries_by_place ON deliveries (indexable(lane), seq)
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
  "name" text COLLATE "C" NOT NULL,
  "kind" text COLLATE "C" NOT NULL,
  "key" text COLLATE "C" NOT NULL,
  "message" text COLLATE "C",
  "content_hash" text COLLATE "C",
  "at" bigint,
  "document" text COLLATE "C",
  "entered" bigint,
  "head" bigint,
  "delivered" text COLLATE "C"
);

CREATE UNIQUE INDEX names_key ON names (indexable(name), kind, indexable("key"));

CREATE VIEW identities ("key", message, content_hash, at) AS
  SELECT "key", message, content_hash, at FROM names WHERE kind = 'identity';

CREATE VIEW lanes (name, entered, head, delivered) AS
  SELECT "key", entered, head, delivered FROM names WHERE kind = 'lane';

CREATE VIEW documents (sender, entity, id, document) AS
  SELECT "key"::json ->> 0, "key"::json ->> 1, name, document FROM names WHERE kind = 'document';

CREATE VIEW business_keys (name, value, message) AS
  SELECT "key"::json ->> 1, name, "key"::json ->> 0 FROM names WHERE kind = 'business key';

CREATE TABLE attempts (
  "message" text COLLATE "C" NOT NULL,
  "number" bigint NOT NULL,
  "attempt" bigint NOT NULL,
  "worker" text COLLATE "C" NOT NULL,
  "started_at" bigint NOT NULL,
  "ended_at" bigint NOT NULL,
  "outcome" text COLLATE "C" NOT NULL,
  "fault" text COLLATE "C" NOT NULL,
  "substitutions" text COLLATE "C" NOT NULL,
  "answer" bytea NOT NULL,
  PRIMARY KEY (message, number, attempt)
);

CREATE TABLE answers (
  "message" text COLLATE "C" NOT NULL,
  "number" bigint NOT NULL,
  "made_at" bigint NOT NULL,
  "status" text COLLATE "C" NOT NULL,
  "code" text COLLATE "C" NOT NULL,
  "body" bytea NOT NULL,
  "original" boolean NOT NULL,
  PRIMARY KEY (message, number)
);

CREATE TABLE applications (
  "name" text COLLATE "C" NOT NULL PRIMARY KEY,
  "paused_until" bigint NOT NULL,
  "outages" bigint NOT NULL
);

CREATE TABLE configurations (
  "number" bigint NOT NULL PRIMARY KEY,
  "at" bigint NOT NULL,
  "actor" text COLLATE "C" NOT NULL,
  "hash" text COLLATE "C" NOT NULL,
  "text" text COLLATE "C" NOT NULL
);

-- `position` tells the order of all facts: it is given within the commit, and commits come one after
-- the other.
CREATE SEQUENCE fact_positions;

CREATE TABLE facts (
  "position" bigint NOT NULL DEFAULT nextval('fact_positions'),
  "at" bigint NOT NULL,
  "kind" text COLLATE "C" NOT NULL,
  "message" text COLLATE "C" NOT NULL,
  "number" bigint NOT NULL,
  "attempt" bigint NOT NULL,
  "step" text COLLATE "C" NOT NULL,
  "actor" text COLLATE "C" NOT NULL,
  "reason" text COLLATE "C" NOT NULL,
  "data" text COLLATE "C" NOT NULL,
  PRIMARY KEY (message, position)
);

-- Promise 7: history is append-only.
CREATE FUNCTION facts_are_append_only() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN RAISE EXCEPTION 'facts are append-only'; END $$;

CREATE TRIGGER facts_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON facts
  FOR EACH STATEMENT EXECUTE FUNCTION facts_are_append_only();

-- When did a bus open the journal, and for how long (µs, by what passed and not by the clock)? The latter
-- is written about once a minute, and when it is closed.
CREATE SEQUENCE opening_numbers;

CREATE TABLE openings (
  "number" bigint NOT NULL DEFAULT nextval('opening_numbers') PRIMARY KEY,
  "at" bigint NOT NULL,
  "lasted" bigint NOT NULL DEFAULT 0
);

-- How far has each application that is read been read, and which worker may read on?
CREATE TABLE cursors (
  "application" text COLLATE "C" NOT NULL PRIMARY KEY,
  "value" text COLLATE "C" NOT NULL,
  "at" bigint NOT NULL,
  "worker" text COLLATE "C" NOT NULL,
  "lease_until" bigint NOT NULL
);

-- What a send of several calls has recorded of them, until the destination has said OK to the whole.
CREATE TABLE progress (
  "message" text COLLATE "C" NOT NULL,
  "number" bigint NOT NULL,
  "name" text COLLATE "C" NOT NULL,
  "value" text COLLATE "C" NOT NULL,
  "at" bigint NOT NULL,
  PRIMARY KEY (message, number, name)
);

-- Which deliveries may have been sent by a bus of whose journal this is a copy, or which it does not
-- remember? When their turn comes they count as sent. Gone as soon as they do: the facts keep it.
CREATE TABLE doubts (
  "message" text COLLATE "C" NOT NULL,
  "number" bigint NOT NULL,
  PRIMARY KEY (message, number)
);

-- Where did this journal live when a bus ran on it last? One row. Another place is that of a copy.
CREATE TABLE home (
  "server" text COLLATE "C" NOT NULL,
  "database" bigint NOT NULL,
  "why" text COLLATE "C" NOT NULL
);

-- Claiming: effects to be asked for by now. What is delivered and not to be asked about costs nothing.
CREATE INDEX deliveries_to_check ON deliveries (destination, due_at)
  WHERE state = 'delivered' AND due_at IS NOT NULL;

-- Listings of effects that somebody has to look at.
CREATE INDEX deliveries_without_effect ON deliveries (effect)
  WHERE effect IN ('absent', 'not checkable');
