-- What is finished is let go. Up to which place of a lane was that so?
ALTER TABLE names ADD COLUMN "pruned" INTEGER;

DROP VIEW lanes;
CREATE VIEW lanes (name, entered, head, delivered, pruned) AS
  SELECT "key", entered, head, delivered, coalesce(pruned, 0) FROM names WHERE kind = 'lane';

-- Letting go, and erasing: by which business keys is a message found? Their keys begin with its id.
CREATE INDEX names_of_messages ON names ("key") WHERE kind = 'business key';

-- When were the contents of a message erased? 0: they are there.
ALTER TABLE messages ADD COLUMN "erased" INTEGER NOT NULL DEFAULT 0;

-- Promise 7: the facts of a message go with it, and those of the bus itself never.
DROP TRIGGER facts_are_never_removed;
CREATE TRIGGER facts_are_never_removed BEFORE DELETE ON facts
WHEN OLD.message = '' OR EXISTS (SELECT 1 FROM messages WHERE id = OLD.message)
BEGIN
  SELECT RAISE(ABORT, 'facts are append-only');
END;

-- Their words may be taken out of those of a message whose contents are erased, as a fact tells.
DROP TRIGGER facts_are_never_changed;
CREATE TRIGGER facts_are_never_changed BEFORE UPDATE ON facts
WHEN NOT EXISTS (SELECT 1 FROM facts WHERE message = OLD.message AND kind = 'erased')
  OR (OLD.message, OLD.position, OLD.at, OLD.kind, OLD.number, OLD.attempt, OLD.step, OLD.actor)
  IS NOT (NEW.message, NEW.position, NEW.at, NEW.kind, NEW.number, NEW.attempt, NEW.step, NEW.actor)
BEGIN
  SELECT RAISE(ABORT, 'facts are append-only');
END;
