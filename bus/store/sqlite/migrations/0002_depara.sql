-- The de-para. Columns are the fields of the rows in depara/model.py and bus/journal/depara_rows.py, in
-- their order. Times are µs since 1970 UTC; a row is open while `until` is 0.

-- Which ids name the same thing? Rows are closed, never removed.
CREATE TABLE pair_rows (
  "number" INTEGER NOT NULL PRIMARY KEY,
  "identity" INTEGER NOT NULL,
  "entity" TEXT NOT NULL,
  "application" TEXT NOT NULL,
  "scope" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "qualifier" TEXT NOT NULL,
  "since" INTEGER NOT NULL,
  "until" INTEGER NOT NULL,
  "source" TEXT NOT NULL,
  "opened_by" INTEGER NOT NULL,
  "closed_by" INTEGER NOT NULL
) STRICT;

-- Translating and learning: what is this id? Among open rows it is one thing.
CREATE UNIQUE INDEX pair_rows_open ON pair_rows (id, entity, application, scope) WHERE until = 0;
-- Translating: what else is this thing called?
CREATE INDEX pair_rows_identity ON pair_rows (identity) WHERE until = 0;
-- History of an id.
CREATE INDEX pair_rows_closed ON pair_rows (id, entity, application, scope) WHERE until > 0;
-- Undo: what did a change open, what did it close?
CREATE INDEX pair_rows_opened_by ON pair_rows (opened_by);
CREATE INDEX pair_rows_closed_by ON pair_rows (closed_by) WHERE closed_by > 0;

CREATE TABLE pair_changes (
  "number" INTEGER NOT NULL PRIMARY KEY,
  "at" INTEGER NOT NULL,
  "source" TEXT NOT NULL,
  "actor" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "message" TEXT NOT NULL,
  "delivery" INTEGER NOT NULL,
  "undoes" INTEGER NOT NULL
) STRICT;

CREATE TABLE pair_conflicts (
  "number" INTEGER NOT NULL PRIMARY KEY,
  "at" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "entity" TEXT NOT NULL,
  "one" TEXT NOT NULL,
  "other" TEXT NOT NULL,
  "against" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "message" TEXT NOT NULL,
  "delivery" INTEGER NOT NULL,
  "settled_by" TEXT NOT NULL
) STRICT;

-- What needs a person, once however often it is said.
CREATE UNIQUE INDEX pair_conflicts_open ON pair_conflicts (one, other) WHERE state = 'open';

-- Who waits for an id? Gone as soon as they wait no more: the facts keep it.
CREATE TABLE pair_waits (
  "entity" TEXT NOT NULL,
  "application" TEXT NOT NULL,
  "scope" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "reader" TEXT NOT NULL,
  "message" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "path" TEXT NOT NULL,
  "provider" TEXT NOT NULL,
  "provided_by" TEXT NOT NULL,
  "reader_scope" TEXT NOT NULL,
  PRIMARY KEY (id, entity, application, scope, reader, message, number, path)
) STRICT, WITHOUT ROWID;

-- Waking: forget all that a delivery waited for.
CREATE INDEX pair_waits_of_delivery ON pair_waits (message, number);

-- Undo: which messages were sent with an id put in place of another?
CREATE INDEX attempts_substituted ON attempts (started_at) WHERE substitutions <> '[]';
