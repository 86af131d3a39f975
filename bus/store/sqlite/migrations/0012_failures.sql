-- How many attempts in a row were answered by an application, and did not go well?
ALTER TABLE applications ADD COLUMN "failures" INTEGER NOT NULL DEFAULT 0;
