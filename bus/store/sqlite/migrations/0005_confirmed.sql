-- The tries that a delivery had when it was last sent anew, by its sender or a person.
ALTER TABLE deliveries ADD COLUMN "tries_before" INTEGER NOT NULL DEFAULT 0;

-- Whether an OK to an earlier try was heard while it was being sent.
ALTER TABLE deliveries ADD COLUMN "confirmed" INTEGER NOT NULL DEFAULT 0;
