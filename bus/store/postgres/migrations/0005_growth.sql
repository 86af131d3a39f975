-- What is finished is let go. Up to which place of a lane was that so?
ALTER TABLE names ADD COLUMN "pruned" bigint;

DROP VIEW lanes;
CREATE VIEW lanes (name, entered, head, delivered, pruned) AS
  SELECT "key", entered, head, delivered, coalesce(pruned, 0) FROM names WHERE kind = 'lane';

-- Letting go, and erasing: by which business keys is a message found? Their keys begin with its id.
CREATE INDEX names_of_messages ON names ("key") WHERE kind = 'business key';

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

DROP TRIGGER facts_are_never_changed ON facts;
CREATE TRIGGER facts_are_never_changed BEFORE UPDATE OR TRUNCATE ON facts
  FOR EACH STATEMENT EXECUTE FUNCTION facts_are_append_only();
CREATE TRIGGER facts_are_never_removed BEFORE DELETE ON facts
  FOR EACH ROW EXECUTE FUNCTION facts_go_with_messages();
