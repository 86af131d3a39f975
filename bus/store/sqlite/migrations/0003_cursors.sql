-- How far has each application that is read been read, and which worker may read on? Columns are the
-- fields of CursorRow in bus/journal/rows.py, in their order. Times are µs since 1970 UTC.
CREATE TABLE cursors (
  "application" TEXT NOT NULL PRIMARY KEY,
  "value" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  "worker" TEXT NOT NULL,
  "lease_until" INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
