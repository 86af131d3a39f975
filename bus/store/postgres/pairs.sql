-- counters --
-- Which numbers were given last?
SELECT
  coalesce((SELECT max(number) FROM pair_rows), 0),
  coalesce((SELECT max(number) FROM pair_changes), 0),
  coalesce((SELECT max(number) FROM pair_conflicts), 0);

-- open_rows --
-- Which open rows have these keys?
SELECT :pair_row_columns
FROM pair_rows
WHERE until = 0 AND (indexable(id), entity, application, indexable(scope)) IN (
  SELECT indexable(asked.id), asked.entity, asked.application, indexable(asked.scope)
  FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS asked (entity, application, scope, id)
);

-- members --
-- Which open rows do these identities have?
SELECT :pair_row_columns
FROM pair_rows
WHERE until = 0 AND identity IN (SELECT unnest(?::bigint[]))
ORDER BY number;

-- rows_of_change --
-- What did a change open or close? The first rows after a number; each half is short by itself.
SELECT :pair_row_columns
FROM (
  SELECT * FROM (
    SELECT * FROM pair_rows WHERE opened_by = :change AND number > :after
    ORDER BY number LIMIT :limit
  ) AS opened
  UNION
  SELECT * FROM (
    SELECT * FROM pair_rows WHERE closed_by = :change AND closed_by > 0 AND number > :after
    ORDER BY number LIMIT :limit
  ) AS closed
  ORDER BY number LIMIT :limit
) AS found
ORDER BY number;

-- conflicts --
-- Which conflicts have these numbers?
SELECT :pair_conflict_columns
FROM pair_conflicts
WHERE number IN (SELECT unnest(?::bigint[]));

-- conflict_about --
-- Is it known, and open, that these two are in conflict?
SELECT :pair_conflict_columns
FROM pair_conflicts
WHERE state = 'open' AND indexable(one) = indexable(:one) AND indexable(other) = indexable(:other)
  AND one = :one AND other = :other;

-- in_conflict --
-- Which of these messages brought a conflict that is open?
SELECT message
FROM pair_conflicts
WHERE state = 'open' AND message IN (SELECT unnest(?::text[]));

-- waits --
-- Who waits for an id of what these keys name?
SELECT :pair_wait_columns
FROM pair_waits
WHERE (indexable(id), entity, application, indexable(scope)) IN (
  SELECT indexable(asked.id), asked.entity, asked.application, indexable(asked.scope)
  FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS asked (entity, application, scope, id)
);

-- end_waits --
-- Forgets what these deliveries waited for.
DELETE FROM pair_waits
WHERE (message, number) IN (SELECT * FROM unnest(?::text[], ?::bigint[]));

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
ON CONFLICT (
  indexable(id), entity, application, indexable(scope), reader, message, number, indexable(path)
) DO UPDATE SET :changes;

-- listed --
-- Which rows were open at a time, of an entity, an application or with an id? In their order, below
-- the first ones that were asked for before.
SELECT :pair_row_columns
FROM pair_rows
WHERE number > :after
  AND (:entity = '' OR entity = :entity)
  AND (:application = '' OR application = :application)
  AND (:id = '' OR id = :id)
  AND (CASE WHEN :at = 0 THEN until = 0 ELSE since <= :at AND (until = 0 OR until > :at) END)
ORDER BY number
LIMIT :limit;

-- members_at --
-- Which rows did these identities have at a time?
SELECT :pair_row_columns
FROM pair_rows
WHERE identity IN (SELECT value::bigint FROM json_array_elements_text(:identities::json))
  AND (CASE WHEN :at = 0 THEN until = 0 ELSE since <= :at AND (until = 0 OR until > :at) END)
ORDER BY number;

-- history --
-- All rows that an id ever had, and those that were its thing's when it had them.
SELECT :pair_row_columns
FROM pair_rows
WHERE identity IN (
  SELECT identity FROM pair_rows
  WHERE until = 0 AND indexable(id) = indexable(:id) AND id = :id
    AND entity = :entity AND application = :application AND scope = :scope
  UNION
  SELECT identity FROM pair_rows
  WHERE until > 0 AND indexable(id) = indexable(:id) AND id = :id
    AND entity = :entity AND application = :application AND scope = :scope
)
ORDER BY number;

-- changes --
-- What are these changes?
SELECT :pair_change_columns
FROM pair_changes
WHERE number IN (SELECT unnest(?::bigint[]))
ORDER BY number;

-- open_conflicts --
-- What needs a person?
SELECT :pair_conflict_columns
FROM pair_conflicts
WHERE state = 'open'
ORDER BY number;

-- all_waits --
-- Who waits for an id, the oldest first?
SELECT :pair_wait_columns
FROM pair_waits
ORDER BY message, number, path;

-- waits_of --
-- What does a message wait for?
SELECT :pair_wait_columns
FROM pair_waits
WHERE message = :message
ORDER BY number, path;

-- uses --
-- Which messages were sent, since a change began, with an id that it opened put in place of another?
SELECT message
FROM (
  SELECT DISTINCT attempts.message FROM attempts
  WHERE attempts.started_at >= (SELECT min(since) FROM pair_rows WHERE opened_by = :change)
    AND attempts.substitutions <> '[]'
    AND attempts.outcome NOT IN ('withheld', 'unreachable') -- nothing left
    AND EXISTS (
      SELECT 1 FROM json_array_elements(as_json(attempts.substitutions)) AS swap
      WHERE (swap ->> 'entity', swap ->> 'after') IN (
        SELECT entity, id FROM pair_rows WHERE opened_by = :change
      )
    )
  ORDER BY attempts.message
  LIMIT 1000
) AS found;
