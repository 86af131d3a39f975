-- How far (µs) is the time of the journal ahead of the server's clock?
ALTER TABLE home ADD COLUMN "ahead" bigint NOT NULL DEFAULT 0;
