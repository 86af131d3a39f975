-- messages --
-- Which messages have these ids?
SELECT :message_columns
FROM messages
WHERE id IN (SELECT unnest(?::text[]));

-- messages_after --
-- Which messages come next after this one?
SELECT :message_columns
FROM messages
WHERE id > :after
ORDER BY id
LIMIT :limit;

-- facts --
-- What happened to these messages, to each in order?
SELECT position, :fact_columns
FROM facts
WHERE message IN (SELECT unnest(?::text[]))
ORDER BY message, position;

-- attempts --
-- What was tried for these messages?
SELECT :attempt_columns
FROM attempts
WHERE message IN (SELECT unnest(?::text[]));

-- bodies --
-- What was received under these ids?
SELECT :body_columns
FROM bodies
WHERE message IN (SELECT unnest(?::text[]));

-- deliveries --
-- Which deliveries have these keys?
SELECT :delivery_columns
FROM deliveries
WHERE (message, number) IN (SELECT * FROM unnest(?::text[], ?::bigint[]));

-- deliveries_at --
-- Which deliveries hold these places in their lanes? Those that are gone hold none.
SELECT :delivery_columns
FROM deliveries
WHERE (indexable(lane), seq) IN (
    SELECT indexable(lane), seq FROM unnest(?::text[], ?::bigint[]) AS asked (lane, seq)
  )
  AND seq > 0 AND state NOT IN ('delivered', 'discarded');

-- lanes --
-- How far are these lanes?
SELECT "key", entered, head, delivered, coalesce(pruned, 0)
FROM names
WHERE kind = 'lane' AND (indexable(name), indexable("key")) IN (
  SELECT indexable(asked.name), indexable(asked."key")
  FROM unnest(?::text[], ?::text[]) AS asked (name, "key")
);

-- identities --
-- Which messages have these identities?
SELECT "key", message, content_hash, at
FROM names
WHERE kind = 'identity' AND (indexable(name), indexable("key")) IN (
  SELECT indexable(asked.name), indexable(asked."key")
  FROM unnest(?::text[], ?::text[]) AS asked (name, "key")
);

-- documents --
-- Which documents do these internal ids belong to?
SELECT "key"::json ->> 0, "key"::json ->> 1, name, document
FROM names
WHERE kind = 'document' AND (indexable(name), indexable("key")) IN (
  SELECT indexable(asked.name), indexable(asked."key")
  FROM unnest(?::text[], ?::text[]) AS asked (name, "key")
);

-- applications --
-- Are these applications reachable?
SELECT :application_columns
FROM applications
WHERE name IN (SELECT unnest(?::text[]));

-- cursors --
-- How far have these applications been read?
SELECT :cursor_columns
FROM cursors
WHERE application IN (SELECT unnest(?::text[]));

-- answers --
-- Which answers did these deliveries give?
SELECT :answer_columns
FROM answers
WHERE (message, number) IN (SELECT * FROM unnest(?::text[], ?::bigint[]));

-- progress --
-- What was recorded of the sends of these deliveries?
SELECT :progress_columns
FROM progress
WHERE (message, number) IN (SELECT * FROM unnest(?::text[], ?::bigint[]));

-- doubts --
-- Which of these deliveries may have been sent by a bus that this journal does not remember?
SELECT message, number
FROM doubts
WHERE (message, number) IN (SELECT * FROM unnest(?::text[], ?::bigint[]));

-- open_has_messages --
-- Did anything ever arrive?
SELECT EXISTS (SELECT 1 FROM messages);

-- open_count_doubts --
-- How many deliveries are in doubt?
SELECT count(*) FROM doubts;

-- open_end_doubts --
-- Nothing is in doubt that ended in the meantime.
DELETE FROM doubts
USING deliveries
WHERE doubts.message = deliveries.message AND doubts.number = deliveries.number
  AND deliveries.state IN ('delivered', 'discarded');

-- open_doubts --
-- Which deliveries may have been sent since, unknown to this journal, and not be sent again: those whose
-- repetition does harm, and those whose sender waited and was told something by now?
INSERT INTO doubts (message, number)
SELECT message, number
FROM deliveries
WHERE state IN ('held', 'waiting', 'awaiting de-para', 'sending', 'blocked')
  AND (NOT safe OR deadline > 0)
ON CONFLICT DO NOTHING;

-- change_of_whole --
-- Which change of the de-para did parts of a whole begin, and none end or undo?
SELECT newest.told ->> 'change'
FROM (
  SELECT position, as_json(data) AS told
  FROM facts
  WHERE message = '' AND kind = :kind AND as_json(data) ->> 'whole' = :whole
  ORDER BY position DESC
  LIMIT 1
) AS newest
WHERE (newest.told ->> 'more')::boolean AND NOT EXISTS (
  SELECT 1
  FROM facts
  WHERE facts.message = '' AND facts.position > newest.position AND facts.kind = :kind
    AND as_json(facts.data) ->> 'undoes' = newest.told ->> 'change'
);

-- due --
-- What may an application be sent by now? The longest due first.
SELECT :delivery_columns
FROM deliveries
WHERE state = 'waiting' AND destination = :destination AND due_at <= :now
ORDER BY due_at, message, number
LIMIT :limit;

-- due_urgently --
-- The same, only where a synchronous sender waits.
SELECT :delivery_columns
FROM deliveries
WHERE state = 'waiting' AND destination = :destination AND due_at <= :now AND deadline > 0
ORDER BY due_at, message, number
LIMIT :limit;

-- due_besides --
-- The same, without some transactions: their others are looked for among the first that are due.
SELECT :delivery_columns
FROM (
  SELECT * FROM deliveries
  WHERE state = 'waiting' AND destination = :destination AND due_at <= :now
    AND (deadline > 0 OR :urgent = 0)
  ORDER BY due_at, message, number
  LIMIT :depth
) AS found
WHERE NOT EXISTS (
  SELECT 1 FROM messages
  WHERE messages.id = found.message AND lower(messages."transaction") IN (
    SELECT jsonb_array_elements_text(CAST(:besides AS jsonb))
  )
)
ORDER BY due_at, message, number
LIMIT :limit;

-- sending --
-- How much is an application being sent, by whatever process?
SELECT count(*) FROM deliveries WHERE state = 'sending' AND destination = :destination;

-- leased_by --
-- What is a worker sending?
SELECT :delivery_columns FROM deliveries WHERE state = 'sending' AND worker = :worker;

-- questions --
-- About what is an application to be asked by now? The longest due first.
SELECT :delivery_columns
FROM deliveries
WHERE state = 'unknown' AND state IN (:stopped_states)
  AND due_at <= :now AND destination = :destination
ORDER BY due_at, message, number
LIMIT :limit;

-- checks --
-- For the effect of what is an application to be asked by now? The longest due first.
SELECT :delivery_columns
FROM deliveries
WHERE state = 'delivered' AND due_at IS NOT NULL
  AND destination = :destination AND due_at <= :now
ORDER BY due_at, message, number
LIMIT :limit;

-- overdue --
-- What ran out: leases, waits for a response or an id, synchronous deadlines?
SELECT :delivery_columns
FROM (
  SELECT * FROM deliveries WHERE state = 'sending' AND lease_until <= :now
  UNION ALL
  SELECT * FROM deliveries
  WHERE state IN ('awaiting response', 'awaiting de-para')
    AND state IN (:stopped_states) AND due_at <= :now
  UNION ALL
  SELECT * FROM deliveries WHERE state = 'waiting' AND deadline > 0 AND deadline <= :now
  LIMIT :limit
) AS found;

-- put_messages --
-- Writes messages, new or changed.
INSERT INTO messages (:message_columns) :rows
ON CONFLICT (id) DO UPDATE SET :changes;

-- put_bodies --
-- Keeps what was received.
INSERT INTO bodies (:body_columns) :rows;

-- put_deliveries --
-- Writes deliveries, new or changed.
INSERT INTO deliveries (:delivery_columns) :rows
ON CONFLICT (message, number) DO UPDATE SET :changes;

-- put_names --
-- Writes names, new or changed.
INSERT INTO names (:name_columns) :rows
ON CONFLICT (indexable(name), kind, indexable("key")) DO UPDATE SET :changes;

-- put_attempts --
-- Writes attempts, begun or ended.
INSERT INTO attempts (:attempt_columns) :rows
ON CONFLICT (message, number, attempt) DO UPDATE SET :changes;

-- put_answers --
-- Keeps the answers that deliveries give.
INSERT INTO answers (:answer_columns) :rows
ON CONFLICT (message, number) DO UPDATE SET :changes;

-- erase_progress --
-- Forgets what was recorded of the sends of these deliveries.
DELETE FROM progress
WHERE (message, number) IN (SELECT * FROM unnest(?::text[], ?::bigint[]));

-- put_progress --
-- Keeps calls of sends.
INSERT INTO progress (:progress_columns) :rows
ON CONFLICT (message, number, name) DO UPDATE SET :changes;

-- erase_doubts --
-- Settles the doubts about these deliveries: they count as sent by now.
DELETE FROM doubts
WHERE (message, number) IN (SELECT * FROM unnest(?::text[], ?::bigint[]));

-- let_go_messages --
-- Lets go of these messages, before all that hangs on them.
DELETE FROM messages WHERE id IN (SELECT unnest(?::text[]));

-- let_go_bodies --
-- Lets go of what is kept of these messages there.
DELETE FROM bodies WHERE message IN (SELECT unnest(?::text[]));

-- let_go_deliveries --
-- Lets go of what is kept of these messages there.
DELETE FROM deliveries WHERE message IN (SELECT unnest(?::text[]));

-- let_go_attempts --
-- Lets go of what is kept of these messages there.
DELETE FROM attempts WHERE message IN (SELECT unnest(?::text[]));

-- let_go_answers --
-- Lets go of what is kept of these messages there.
DELETE FROM answers WHERE message IN (SELECT unnest(?::text[]));

-- let_go_progress --
-- Lets go of what is kept of these messages there.
DELETE FROM progress WHERE message IN (SELECT unnest(?::text[]));

-- let_go_doubts --
-- Lets go of what is kept of these messages there.
DELETE FROM doubts WHERE message IN (SELECT unnest(?::text[]));

-- let_go_facts --
-- Lets go of what is kept of these messages there.
DELETE FROM facts WHERE message IN (SELECT unnest(?::text[]));

-- let_go_uuids --
-- Finds these messages by their uuids no more.
DELETE FROM names
WHERE kind = 'uuid' AND (indexable(name), indexable("key")) IN (
  SELECT indexable(asked.name), indexable(asked."key")
  FROM unnest(?::text[], ?::text[]) AS asked (name, "key")
);

-- let_go_identities --
-- Forgets these identities: what comes under them is new.
DELETE FROM names
WHERE kind = 'identity' AND (indexable(name), indexable("key")) IN (
  SELECT indexable(asked.name), indexable(asked."key")
  FROM unnest(?::text[], ?::text[]) AS asked (name, "key")
);

-- let_go_business_keys --
-- Finds these messages by their business keys no more.
DELETE FROM names
USING unnest(?::text[]) AS gone (message)
WHERE kind = 'business key'
  AND "key" >= '["' || gone.message || '",' AND "key" < '["' || gone.message || '"-';

-- mask_facts --
-- Takes the words out of facts of messages whose contents are erased.
UPDATE facts SET reason = new.reason, data = new.data
FROM unnest(?::text[], ?::bigint[], ?::text[], ?::text[]) AS new (message, position, reason, data)
WHERE facts.message = new.message AND facts.position = new.position;

-- put_applications --
-- Writes whether applications are reachable.
INSERT INTO applications (:application_columns) :rows
ON CONFLICT (name) DO UPDATE SET :changes;

-- put_cursors --
-- Writes how far applications have been read, and who reads them.
INSERT INTO cursors (:cursor_columns) :rows
ON CONFLICT (application) DO UPDATE SET :changes;

-- put_facts --
-- Appends facts, in the order in which they happened.
INSERT INTO facts (:fact_columns) :rows;

-- put_placed_facts --
-- Appends facts that have their positions, from another journal.
INSERT INTO facts (:placed_fact_columns) :rows;

-- put_sightings --
-- Notes who sends what to whom in a stretch of ids, the first time.
INSERT INTO sightings (:sighting_columns) :rows
ON CONFLICT (stretch, sender, indexable("transaction"), destination) DO NOTHING;

-- open --
-- Which opening of the journal is this?
INSERT INTO openings (at) VALUES (:now) RETURNING number;

-- open_move_in --
-- Where does the journal live from now on?
WITH moved AS (DELETE FROM home)
INSERT INTO home (server, database, why, ahead) VALUES (:server, :database, '', :ahead);

-- put_ahead --
-- How far is the time of the journal ahead of the server's clock?
UPDATE home SET ahead = :ahead;

-- openings --
-- When was the journal open before, and for how long? The last ones.
SELECT at, lasted FROM openings WHERE number < :opening AND lasted > 0 ORDER BY number DESC LIMIT 256;

-- note_lasting --
-- Keeps for how long this opening has lasted.
UPDATE openings SET lasted = :lasted WHERE number = :opening;

-- end_leases --
-- Lets the leases of whoever had the journal before run out at once.
UPDATE deliveries SET lease_until = 0 WHERE state = 'sending';

-- end_readings --
-- Lets others read what the worker read who had the journal before.
UPDATE cursors SET worker = '', lease_until = 0 WHERE worker <> '';

-- open_without_pauses --
-- Has whoever was unreachable tried now: the process that left it alone is gone.
UPDATE applications SET paused_until = :now WHERE paused_until > :now;

-- open_with_right_times --
-- Has waits that began by a clock which was ahead begin now, so that they are as long as meant.
UPDATE deliveries SET
  due_at = deliveries.due_at - (changed_at - :now),
  deadline = CASE WHEN deadline > 0 THEN deadline - (changed_at - :now) ELSE 0 END,
  changed_at = :now
FROM (
  SELECT message AS late, number AS late_number FROM deliveries
  WHERE state = 'waiting' AND (due_at > :now OR deadline > :now)
  UNION ALL
  SELECT message, number FROM deliveries WHERE state = 'sending' AND deadline > :now
  UNION ALL
  SELECT message, number FROM deliveries WHERE state IN (:stopped_states) AND due_at > :now
  UNION ALL
  SELECT message, number FROM deliveries
  WHERE state = 'delivered' AND due_at IS NOT NULL AND due_at > :now
) AS found
WHERE message = late AND number = late_number AND changed_at > :now;

-- newest_configuration --
-- Which configuration is in force?
SELECT :configuration_columns
FROM configurations
ORDER BY number DESC
LIMIT 1;

-- put_openings --
-- Keeps when another journal was open, of which this is a copy.
INSERT INTO openings (:opening_columns) :rows;

-- put_doubts --
-- Keeps the doubts of another journal, of which this is a copy.
INSERT INTO doubts (:doubt_columns) :rows;

-- put_configurations --
-- Appends a version of the configuration.
INSERT INTO configurations (:configuration_columns) :rows;
