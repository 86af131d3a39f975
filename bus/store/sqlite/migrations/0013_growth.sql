-- What is finished is let go. Up to which place of a lane was that so?
ALTER TABLE names ADD COLUMN "pruned" INTEGER;

DROP VIEW lanes;
CREATE VIEW lanes (name, entered, head, delivered, pruned) AS
  SELECT "key", entered, head, delivered, coalesce(pruned, 0) FROM names WHERE kind = 'lane';

-- Letting go, and erasing: by which business keys is a message found? Their keys begin with its id.
CREATE INDEX names_of_messages ON names ("key") WHERE kind = 'business key';

-- Promise 7: the facts of a message go with it, and those of the bus itself never.
DROP TRIGGER facts_are_never_removed;
CREATE TRIGGER facts_are_never_removed BEFORE DELETE ON facts
WHEN OLD.message = '' OR EXISTS (SELECT 1 FROM messages WHERE id = OLD.message)
BEGIN
  SELECT RAISE(ABORT, 'facts are append-only');
END;
