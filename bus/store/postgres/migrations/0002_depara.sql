-- The de-para. Columns are the fields of the rows in depara/model.py and bus/journal/depara_rows.py, in
-- their order. Times are µs since 1970 UTC; a row is open while `until` is 0.

-- Which ids name the same thing? Rows are closed, never removed.
CREATE TABLE pair_rows (
  "number" bigint NOT NULL PRIMARY KEY,
  "identity" bigint NOT NULL,
  "entity" text COLLATE "C" NOT NULL,
  "application" text COLLATE "C" NOT NULL,
  "scope" text COLLATE "C" NOT NULL,
  "id" text COLLATE "C" NOT NULL,
  "qualifier" text COLLATE "C" NOT NULL,
  "since" bigint NOT NULL,
  "until" bigint NOT NULL,
  "source" text COLLATE "C" NOT NULL,
  "opened_by" bigint NOT NULL,
  "closed_by" bigint NOT NULL
);

-- Translating and learning: what is this id? Among open rows it is one thing.
CREATE UNIQUE INDEX pair_rows_open
  ON pair_rows (indexable(id), entity, application, indexable(scope)) WHERE until = 0;
-- Translating: what else is this thing called?
CREATE INDEX pair_rows_identity ON pair_rows (identity) WHERE until = 0;
-- History of an id.
CREATE INDEX pair_rows_closed
  ON pair_rows (indexable(id), entity, application, indexable(scope)) WHERE until > 0;
-- Undo: what did a change open, what did it close?
CREATE INDEX pair_rows_opened_by ON pair_rows (opened_by);
CREATE INDEX pair_rows_closed_by ON pair_rows (closed_by) WHERE closed_by > 0;

CREATE TABLE pair_changes (
  "number" bigint NOT NULL PRIMARY KEY,
  "at" bigint NOT NULL,
  "source" text COLLATE "C" NOT NULL,
  "actor" text COLLATE "C" NOT NULL,
  "reason" text COLLATE "C" NOT NULL,
  "message" text COLLATE "C" NOT NULL,
  "delivery" bigint NOT NULL,
  "undoes" bigint NOT NULL
);

CREATE TABLE pair_conflicts (
  "number" bigint NOT NULL PRIMARY KEY,
  "at" bigint NOT NULL,
  "state" text COLLATE "C" NOT NULL,
  "entity" text COLLATE "C" NOT NULL,
  "one" text COLLATE "C" NOT NULL,
  "other" text COLLATE "C" NOT NULL,
  "against" text COLLATE "C" NOT NULL,
  "source" text COLLATE "C" NOT NULL,
  "message" text COLLATE "C" NOT NULL,
  "delivery" bigint NOT NULL,
  "settled_by" text COLLATE "C" NOT NULL
);

-- What needs a person, once however often it is said.
CREATE UNIQUE INDEX pair_conflicts_open ON pair_conflicts (indexable(one), indexable(other)) WHERE state = 'open';

-- Who waits for an id? Gone as soon as they wait no more: the facts keep it.
CREATE TABLE pair_waits (
  "entity" text COLLATE "C" NOT NULL,
  "application" text COLLATE "C" NOT NULL,
  "scope" text COLLATE "C" NOT NULL,
  "id" text COLLATE "C" NOT NULL,
  "reader" text COLLATE "C" NOT NULL,
  "message" text COLLATE "C" NOT NULL,
  "number" bigint NOT NULL,
  "path" text COLLATE "C" NOT NULL,
  "provider" text COLLATE "C" NOT NULL,
  "provided_by" text COLLATE "C" NOT NULL,
  "reader_scope" text COLLATE "C" NOT NULL
);

CREATE UNIQUE INDEX pair_waits_key ON pair_waits (
  indexable(id), entity, application, indexable(scope), reader, message, number, indexable(path)
);

-- Waking: forget all that a delivery waited for.
CREATE INDEX pair_waits_of_delivery ON pair_waits (message, number);

-- Undo: which messages were sent with an id put in place of another?
CREATE INDEX attempts_substituted ON attempts (started_at) WHERE substitutions <> '[]';
