-- What is finished is let go. Up to which place of a lane was that so?
ALTER TABLE names ADD COLUMN "pruned" bigint;

DROP VIEW lanes;
CREATE VIEW lanes (name, entered, head, delivered, pruned) AS
  SELECT "key", entered, head, delivered, coalesce(pruned, 0) FROM names WHERE kind = 'lane';

-- Letting go, and erasing: by which business keys is a message found? Their keys begin with its id.
CREATE INDEX names_of_messages ON names ("key") WHERE kind = 'business key';

-- When were the contents of a message erased? 0: they are there.
ALTER TABLE messages ADD COLUMN "erased" bigint NOT NULL DEFAULT 0;

-- Promise 7: the facts of a message go with it, and those of the bus itself never.
CREATE FUNCTION facts_go_with_messages() RETURNS trigger LANGUAGE plpgsql
  AS $$ DECLARE is_there boolean; BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.messages WHERE id = $1)', TG_TABLE_SCHEMA)
      INTO is_there USING OLD.message;
    IF OLD.message = '' OR is_there THEN
      RAISE EXCEPTION 'facts are append-only';
    END IF;
    RETURN OLD;
  END $$;

-- Their words may be taken out of those of a message whose contents are erased, as a fact tells.
CREATE FUNCTION facts_lose_words() RETURNS trigger LANGUAGE plpgsql
  AS $$ DECLARE is_erased boolean; BEGIN
    EXECUTE format(
      'SELECT EXISTS (SELECT 1 FROM %I.facts WHERE message = $1 AND kind = ''erased'')', TG_TABLE_SCHEMA
    ) INTO is_erased USING OLD.message;
    IF NOT is_erased
      OR (OLD.message, OLD.position, OLD.at, OLD.kind, OLD.number, OLD.attempt, OLD.step, OLD.actor)
      IS DISTINCT FROM
      (NEW.message, NEW.position, NEW.at, NEW.kind, NEW.number, NEW.attempt, NEW.step, NEW.actor)
    THEN
      RAISE EXCEPTION 'facts are append-only';
    END IF;
    RETURN NEW;
  END $$;

DROP TRIGGER facts_are_never_changed ON facts;
CREATE TRIGGER facts_are_never_truncated BEFORE TRUNCATE ON facts
  FOR EACH STATEMENT EXECUTE FUNCTION facts_are_append_only();
CREATE TRIGGER facts_are_never_changed BEFORE UPDATE ON facts
  FOR EACH ROW EXECUTE FUNCTION facts_lose_words();
CREATE TRIGGER facts_are_never_removed BEFORE DELETE ON facts
  FOR EACH ROW EXECUTE FUNCTION facts_go_with_messages();
