-- What is a message itself about, where it goes in the lane of another document? Empty where it does not.
ALTER TABLE messages ADD COLUMN "own_document" TEXT NOT NULL DEFAULT '';
