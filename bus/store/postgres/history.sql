-- messages --
-- Which messages have these ids? Newest first.
SELECT :message_columns
FROM messages
WHERE id IN (SELECT unnest(?::text[]))
ORDER BY id DESC;

-- by_uuid --
-- Which messages have this UUID of their sender? The newest thousand.
SELECT "key"
FROM names
WHERE indexable(name) = indexable(:uuid) AND kind = 'uuid'
ORDER BY "key" DESC
LIMIT 1000;

-- by_uuids --
-- Which messages have these UUIDs of their senders?
SELECT "key"
FROM names
WHERE kind = 'uuid' AND indexable(name) IN (SELECT indexable(asked) FROM unnest(?::text[]) AS asked);

-- deliveries --
-- Which deliveries do these messages have?
SELECT :delivery_columns
FROM deliveries
WHERE message IN (SELECT unnest(?::text[]))
ORDER BY message, number;

-- sent_as --
-- Which delivery did an application see under this UUID? The newest whose outcome may still be told,
-- else the newest. Destinations see the sender's UUID or ours, so its message is among those of that
-- UUID, or has it as its id.
SELECT :delivery_columns
FROM (
  SELECT * FROM deliveries
  WHERE message IN (
      SELECT :uuid::text
      UNION ALL
      SELECT * FROM (
        SELECT "key" FROM names
        WHERE indexable(name) = indexable(:uuid) AND kind = 'uuid'
        ORDER BY "key" DESC
        LIMIT 1000
      ) AS named
    )
    AND destination = :destination AND sent_uuid = :uuid AND kind = 'copy'
  ORDER BY state IN ('sending', 'awaiting response', 'unknown') DESC, message DESC, number DESC
  LIMIT 1
) AS found;

-- heads --
-- Whose turn is it in these lanes?
SELECT :delivery_columns
FROM deliveries
WHERE (indexable(lane), seq) IN (
    SELECT indexable("key"), head FROM names
    WHERE kind = 'lane' AND (indexable(name), indexable("key")) IN (
      SELECT indexable(asked.name), indexable(asked."key")
      FROM unnest(?::text[], ?::text[]) AS asked (name, "key")
    )
  )
  AND seq > 0 AND state NOT IN ('delivered', 'discarded');

-- attempts --
-- What was tried for this message?
SELECT :attempt_columns FROM attempts WHERE message = :message ORDER BY number, attempt;

-- last_attempt --
-- How was this delivery tried last?
SELECT :attempt_columns FROM attempts WHERE message = :message AND number = :number ORDER BY attempt DESC LIMIT 1;

-- answers --
-- Which answers did the deliveries of this message give?
SELECT :answer_columns FROM answers WHERE message = :message ORDER BY number;

-- facts --
-- What happened to this message?
SELECT :fact_columns
FROM facts
WHERE message = :message
ORDER BY position;

-- oldest --
-- When was the oldest message received?
SELECT received_at FROM messages ORDER BY id LIMIT 1;

-- pauses --
-- Which applications are left alone, or are to show by one delivery how they are?
SELECT :application_columns
FROM applications
WHERE paused_until > 0;

-- confirmations --
-- What have people said of prerequisites? Facts of no message lie together.
SELECT :fact_columns
FROM facts
WHERE message = '' AND kind IN (SELECT unnest(?::text[]))
ORDER BY position;

-- progress --
-- Which calls were made for this message, of sends that are not over?
SELECT :progress_columns
FROM progress
WHERE message = :message
ORDER BY number, at;

-- body --
-- What was received?
SELECT :body_columns FROM bodies WHERE message = :message;

-- configurations --
-- Which configurations were there? Newest first.
SELECT :configuration_columns FROM configurations
ORDER BY number DESC;

-- stock --
-- Which copies are not gone, counted?
SELECT rule, "transaction", state, many, oldest
FROM (
  SELECT
    copy.rule, message."transaction", copy.state,
    count(*) AS many, min(message.received_at) AS oldest
  FROM (
    SELECT message, rule, state, kind FROM deliveries WHERE state = 'waiting'
    UNION ALL
    SELECT message, rule, state, kind FROM deliveries WHERE state = 'sending'
    UNION ALL
    SELECT message, rule, state, kind FROM deliveries WHERE state IN (:stopped_states)
  ) AS copy
  JOIN messages AS message ON message.id = copy.message
  WHERE copy.kind = 'copy'
  GROUP BY copy.rule, message."transaction", copy.state
) AS found
ORDER BY rule, "transaction", state;

-- unfinished --
-- How many deliveries, copies and answers, to these applications are not gone?
SELECT destination, count(*)
FROM (
  SELECT destination FROM deliveries WHERE state = 'waiting'
  UNION ALL
  SELECT destination FROM deliveries WHERE state = 'sending'
  UNION ALL
  SELECT destination FROM deliveries WHERE state IN (:stopped_states)
) AS delivery
WHERE destination IN (SELECT unnest(?::text[]))
GROUP BY destination
ORDER BY destination;

-- without_effect --
-- Whose effect must somebody look at, counted?
SELECT delivery.rule, message."transaction", delivery.effect, count(*)
FROM deliveries AS delivery
JOIN messages AS message ON message.id = delivery.message
WHERE delivery.effect IN ('absent', 'not checkable')
GROUP BY delivery.rule, message."transaction", delivery.effect
ORDER BY delivery.rule, message."transaction", delivery.effect;

-- audit_facts --
-- The facts after this one, message by message, each message's in their order.
SELECT message, position, :fact_columns
FROM facts WHERE (message, position) > (:after_0, :after_1)
ORDER BY message, position
LIMIT :limit;

-- audit_messages --
-- The messages after this one.
SELECT id, :message_columns
FROM messages
WHERE id > :after_0
ORDER BY id
LIMIT :limit;

-- audit_deliveries --
-- The deliveries after this one.
SELECT message, number, :delivery_columns
FROM deliveries WHERE (message, number) > (:after_0, :after_1)
ORDER BY message, number
LIMIT :limit;

-- audit_lanes --
-- The lanes after this one, as they lie.
SELECT indexable(name), indexable("key"), "key", entered, head, delivered, coalesce(pruned, 0)
FROM names
WHERE (indexable(name), indexable("key")) > (:after_0, :after_1) AND kind = 'lane'
ORDER BY indexable(name), indexable("key")
LIMIT :limit;

-- audit_attempts --
-- The attempts after this one.
SELECT message, number, attempt, :attempt_columns
FROM attempts
WHERE (message, number, attempt) > (:after_0, :after_1, :after_2)
ORDER BY message, number, attempt
LIMIT :limit;

-- audit_answers --
-- The answers after this one.
SELECT message, number, :answer_columns
FROM answers
WHERE (message, number) > (:after_0, :after_1)
ORDER BY message, number
LIMIT :limit;

-- audit_bodies --
-- The bodies after this one.
SELECT message, :body_columns
FROM bodies
WHERE message > :after_0
ORDER BY message
LIMIT :limit;

-- waits --
-- What does a message wait for?
SELECT :pair_wait_columns
FROM pair_waits
WHERE message = :message
ORDER BY number, path;

-- audit_waits --
-- The waits after this one.
SELECT message, number, path, id, entity, application, scope, reader, :pair_wait_columns
FROM pair_waits
WHERE (message, number, path, id, entity, application, scope, reader) > (
  :after_0, :after_1, :after_2, :after_3, :after_4, :after_5, :after_6, :after_7
)
ORDER BY message, number, path, id, entity, application, scope, reader
LIMIT :limit;

-- audit_pairs --
-- The rows of the de-para after this one, open and closed.
SELECT number, :pair_row_columns
FROM pair_rows
WHERE number > :after_0
ORDER BY number
LIMIT :limit;

-- audit_changes --
-- The changes of the de-para after this one.
SELECT number, :pair_change_columns
FROM pair_changes
WHERE number > :after_0
ORDER BY number
LIMIT :limit;

-- notify --
-- Tells the other buses of this journal what there is for them.
SELECT pg_notify('bus_news', :news);
