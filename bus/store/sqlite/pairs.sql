-- counters --
-- Which numbers were given last?
SELECT
  coalesce((SELECT max(number) FROM pair_rows), 0),
  coalesce((SELECT max(number) FROM pair_changes), 0),
  coalesce((SELECT max(number) FROM pair_conflicts), 0);

-- open_rows --
-- Which open rows have these keys?
SELECT json_group_array(json_array(:pair_row_columns))
FROM pair_rows
WHERE until = 0 AND (id, entity, application, scope) IN (
  SELECT value ->> 3, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)
);

-- members --
-- Which open rows do these identities have?
SELECT json_group_array(json_array(:pair_row_columns) ORDER BY number)
FROM pair_rows
WHERE until = 0 AND identity IN (SELECT value FROM json_each(?));

-- rows_of_change --
-- What did a change open or close? The first rows after a number; each half is short by itself.
SELECT json_group_array(json_array(:pair_row_columns) ORDER BY number)
FROM (
  SELECT * FROM (
    SELECT * FROM pair_rows WHERE opened_by = :change AND number > :after
    ORDER BY number LIMIT :limit
  )
  UNION
  SELECT * FROM (
    SELECT * FROM pair_rows WHERE closed_by = :change AND closed_by > 0 AND number > :after
    ORDER BY number LIMIT :limit
  )
  ORDER BY number LIMIT :limit
);

-- conflicts --
-- Which conflicts have these numbers?
SELECT json_group_array(json_array(:pair_conflict_columns))
FROM pair_conflicts
WHERE number IN (SELECT value FROM json_each(?));

-- conflict_about --
-- Is it known, and open, that these two are in conflict?
SELECT json_group_array(json_array(:pair_conflict_columns))
FROM pair_conflicts
WHERE state = 'open' AND one = :one AND other = :other;

-- in_conflict --
-- Which of these messages brought a conflict that is open?
SELECT json_group_array(json_array(message))
FROM pair_conflicts
WHERE state = 'open' AND message IN (SELECT value FROM json_each(?));

-- waits --
-- Who waits for an id of what these keys name?
SELECT json_group_array(json_array(:pair_wait_columns))
FROM pair_waits
WHERE (id, entity, application, scope) IN (
  SELECT value ->> 3, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)
);

-- end_waits --
-- Forgets what these deliveries waited for.
DELETE FROM pair_waits
WHERE (message, number) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?));

-- put_pair_rows --
-- Writes rows, new or closed.
INSERT INTO pair_rows (:pair_row_columns) :rows
ON CONFLICT (number) DO UPDATE SET :changes;

-- put_pair_changes --
-- Appends changes.
INSERT INTO pair_changes (:pair_change_columns) :rows;

-- put_pair_conflicts --
-- Writes conflicts, new or settled.
INSERT INTO pair_conflicts (:pair_conflict_columns) :rows
ON CONFLICT (number) DO UPDATE SET :changes;

-- put_pair_waits --
-- Keeps who waits for what.
INSERT INTO pair_waits (:pair_wait_columns) :rows
ON CONFLICT (id, entity, application, scope, reader, message, number, path) DO UPDATE SET :changes;

-- listed --
-- Which rows were open at a time, of an entity, an application or with an id? In their order, below
-- the first ones that were asked for before.
SELECT json_group_array(json_array(:pair_row_columns) ORDER BY number)
FROM (
  SELECT * FROM pair_rows
  WHERE number > :after
    AND (:entity = '' OR entity = :entity)
    AND (:application = '' OR application = :application)
    AND (:id = '' OR id = :id)
    AND (CASE WHEN :at = 0 THEN until = 0 ELSE since <= :at AND (until = 0 OR until > :at) END)
  ORDER BY number
  LIMIT :limit
);

-- members_at --
-- Which rows did these identities have at a time?
SELECT json_group_array(json_array(:pair_row_columns) ORDER BY number)
FROM pair_rows
WHERE identity IN (SELECT value FROM json_each(:identities))
  AND (CASE WHEN :at = 0 THEN until = 0 ELSE since <= :at AND (until = 0 OR until > :at) END);

-- history --
-- All rows that an id ever had, and those that were its thing's when it had them.
SELECT json_group_array(json_array(:pair_row_columns) ORDER BY number)
FROM pair_rows
WHERE identity IN (
  SELECT identity FROM pair_rows
  WHERE until = 0 AND id = :id AND entity = :entity AND application = :application AND scope = :scope
  UNION
  SELECT identity FROM pair_rows
  WHERE until > 0 AND id = :id AND entity = :entity AND application = :application AND scope = :scope
);

-- changes --
-- What are these changes?
SELECT json_group_array(json_array(:pair_change_columns) ORDER BY number)
FROM pair_changes
WHERE number IN (SELECT value FROM json_each(?));

-- open_conflicts --
-- What needs a person?
SELECT json_group_array(json_array(:pair_conflict_columns) ORDER BY number)
FROM pair_conflicts
WHERE state = 'open';

-- all_waits --
-- Who waits for an id, the oldest first?
SELECT json_group_array(json_array(:pair_wait_columns) ORDER BY message, number, path)
FROM pair_waits;

-- waits_of --
-- What does a message wait for?
SELECT json_group_array(json_array(:pair_wait_columns) ORDER BY number, path)
FROM pair_waits
WHERE message = :message;

-- uses --
-- Which messages were sent, since a change began, with an id that it opened put in place of another?
SELECT json_group_array(json_array(message))
FROM (
  SELECT DISTINCT attempts.message FROM attempts
  WHERE attempts.started_at >= (SELECT min(since) FROM pair_rows WHERE opened_by = :change)
    AND attempts.substitutions <> '[]'
    AND attempts.outcome NOT IN ('withheld', 'unreachable') -- nothing left
    AND EXISTS (
      SELECT 1 FROM json_each(attempts.substitutions) AS swap
      WHERE (swap.value ->> 'entity', swap.value ->> 'after') IN (
        SELECT entity, id FROM pair_rows WHERE opened_by = :change
      )
    )
  ORDER BY attempts.message
  LIMIT 1000
);
