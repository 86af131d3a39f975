-- How long has each opening of the file lasted, in µs by what passed and not by the clock? Written
-- about once a minute, and when the file is closed.
ALTER TABLE openings ADD COLUMN "lasted" INTEGER NOT NULL DEFAULT 0;
