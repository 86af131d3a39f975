-- messages --
-- Which messages have these ids? Newest first.
SELECT json_group_array(json_array(:message_columns) ORDER BY id DESC)
FROM messages
WHERE id IN (SELECT value FROM json_each(?));

-- by_uuid --
-- Which messages have this UUID of their sender? The newest thousand.
SELECT json_group_array(json_array("key"))
FROM (
  SELECT "key" FROM names WHERE name = :uuid AND kind = 'uuid' ORDER BY "key" DESC LIMIT 1000
);

-- by_uuids --
-- Which messages have these UUIDs of their senders?
SELECT json_group_array(json_array("key"))
FROM names
WHERE kind = 'uuid' AND name IN (SELECT value FROM json_each(?));

-- deliveries --
-- Which deliveries do these messages have?
SELECT json_group_array(json_array(:delivery_columns) ORDER BY message, number)
FROM deliveries
WHERE message IN (SELECT value FROM json_each(?));

-- sent_as --
-- Which delivery did an application see under this UUID? The newest whose outcome may still be told,
-- else the newest. Destinations see the sender's UUID or ours, so its message is among those of that
-- UUID, or has it as its id.
SELECT json_group_array(json_array(:delivery_columns))
FROM (
  SELECT * FROM deliveries
  WHERE message IN (
      SELECT :uuid
      UNION ALL
      SELECT * FROM (
        SELECT "key" FROM names WHERE name = :uuid AND kind = 'uuid' ORDER BY "key" DESC LIMIT 1000
      )
    )
    AND destination = :destination AND sent_uuid = :uuid AND kind = 'copy'
  ORDER BY state IN ('sending', 'awaiting response', 'unknown') DESC, message DESC, number DESC
  LIMIT 1
);

-- heads --
-- Whose turn is it in these lanes?
SELECT json_group_array(json_array(:delivery_columns))
FROM deliveries
WHERE (lane, seq) IN (
    SELECT "key", head FROM names
    WHERE (name, kind, "key") IN (SELECT value ->> 0, 'lane', value ->> 1 FROM json_each(?))
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
SELECT json_group_array(json_array(:fact_columns) ORDER BY position)
FROM facts
WHERE message = :message;

-- oldest --
-- When was the oldest message received?
SELECT json_group_array(json_array(received_at))
FROM (SELECT received_at FROM messages ORDER BY id LIMIT 1);

-- pauses --
-- Which applications are left alone, or are to show by one delivery how they are?
SELECT json_group_array(json_array(:application_columns))
FROM applications
WHERE paused_until > 0;

-- confirmations --
-- What have people said of prerequisites? Facts of no message lie together.
SELECT json_group_array(json_array(:fact_columns) ORDER BY position)
FROM facts
WHERE message = '' AND kind IN (SELECT value FROM json_each(?));

-- progress --
-- Which calls were made for this message, of sends that are not over?
SELECT json_group_array(json_array(:progress_columns) ORDER BY number, at)
FROM progress
WHERE message = :message;

-- body --
-- What was received?
SELECT :body_columns FROM bodies WHERE message = :message;

-- configurations --
-- Which configurations were there? Newest first.
SELECT json_group_array(json_array(:configuration_columns) ORDER BY number DESC) FROM configurations;

-- stock --
-- Which copies are not gone, counted?
SELECT json_group_array(json_array(rule, "transaction", state, many, oldest))
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
  ORDER BY copy.rule, message."transaction", copy.state
);

-- unfinished --
-- How many deliveries, copies and answers, to these applications are not gone?
SELECT json_group_array(json_array(destination, many))
FROM (
  SELECT destination, count(*) AS many
  FROM (
    SELECT destination FROM deliveries WHERE state = 'waiting'
    UNION ALL
    SELECT destination FROM deliveries WHERE state = 'sending'
    UNION ALL
    SELECT destination FROM deliveries WHERE state IN (:stopped_states)
  )
  WHERE destination IN (SELECT value FROM json_each(?))
  GROUP BY destination
  ORDER BY destination
);

-- without_effect --
-- Whose effect must somebody look at, counted?
SELECT json_group_array(json_array(rule, "transaction", effect, many))
FROM (
  SELECT delivery.rule, message."transaction", delivery.effect, count(*) AS many
  FROM deliveries AS delivery
  JOIN messages AS message ON message.id = delivery.message
  WHERE delivery.effect IN ('absent', 'not checkable')
  GROUP BY delivery.rule, message."transaction", delivery.effect
  ORDER BY delivery.rule, message."transaction", delivery.effect
);

-- audit_facts --
-- The facts after this one, message by message, each message's in their order.
SELECT json_group_array(json_array(message, position, :fact_columns) ORDER BY message, position)
FROM (
  SELECT * FROM facts WHERE (message, position) > (:after_0, :after_1) ORDER BY message, position LIMIT :limit
);

-- audit_messages --
-- The messages after this one.
SELECT json_group_array(json_array(id, :message_columns) ORDER BY id)
FROM (SELECT * FROM messages WHERE id > :after_0 ORDER BY id LIMIT :limit);

-- audit_deliveries --
-- The deliveries after this one.
SELECT json_group_array(json_array(message, number, :delivery_columns) ORDER BY message, number)
FROM (
  SELECT * FROM deliveries WHERE (message, number) > (:after_0, :after_1) ORDER BY message, number LIMIT :limit
);

-- audit_lanes --
-- The lanes after this one, as they lie.
SELECT json_group_array(json_array(name, "key", "key", entered, head, delivered, coalesce(pruned, 0)) ORDER BY name, "key")
FROM (
  SELECT * FROM names
  WHERE (name, "key") > (:after_0, :after_1) AND kind = 'lane'
  ORDER BY name, "key"
  LIMIT :limit
);

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
SELECT json_group_array(json_array(:pair_wait_columns) ORDER BY number, path)
FROM pair_waits
WHERE message = :message;

-- audit_waits --
-- The waits after this one.
SELECT json_group_array(json_array(
  message, number, path, id, entity, application, scope, reader, :pair_wait_columns
))
FROM (
  SELECT * FROM pair_waits
  WHERE (message, number, path, id, entity, application, scope, reader) > (:after_0, :after_1, :after_2, :after_3, :after_4, :after_5, :after_6, :after_7)
  ORDER BY message, number, path, id, entity, application, scope, reader
  LIMIT :limit
);

-- audit_pairs --
-- The rows of the de-para after this one, open and closed.
SELECT json_group_array(json_array(number, :pair_row_columns) ORDER BY number)
FROM (SELECT * FROM pair_rows WHERE number > :after_0 ORDER BY number LIMIT :limit);

-- audit_changes --
-- The changes of the de-para after this one.
SELECT json_group_array(json_array(number, :pair_change_columns) ORDER BY number)
FROM (SELECT * FROM pair_changes WHERE number > :after_0 ORDER BY number LIMIT :limit);
