-- messages --
-- Which messages have these ids?
SELECT json_group_array(json_array(:message_columns))
FROM messages
WHERE id IN (SELECT value FROM json_each(?));

-- messages_after --
-- Which messages come next after this one?
SELECT json_group_array(json_array(:message_columns) ORDER BY id)
FROM (SELECT * FROM messages WHERE id > :after ORDER BY id LIMIT :limit);

-- facts --
-- What happened to these messages, to each in order?
SELECT json_group_array(json_array(position, :fact_columns) ORDER BY message, position)
FROM facts
WHERE message IN (SELECT value FROM json_each(?));

-- attempts --
-- What was tried for these messages?
SELECT :attempt_columns
FROM attempts
WHERE message IN (SELECT value FROM json_each(?));

-- bodies --
-- What was received under these ids?
SELECT :body_columns
FROM bodies
WHERE message IN (SELECT value FROM json_each(?));

-- deliveries --
-- Which deliveries have these keys?
SELECT json_group_array(json_array(:delivery_columns))
FROM deliveries
WHERE (message, number) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?));

-- deliveries_at --
-- Which deliveries hold these places in their lanes? Those that are gone hold none.
SELECT json_group_array(json_array(:delivery_columns))
FROM deliveries
WHERE (lane, seq) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))
  AND seq > 0 AND state NOT IN ('delivered', 'discarded');

-- lanes --
-- How far are these lanes?
SELECT json_group_array(json_array("key", entered, head, delivered, coalesce(pruned, 0)))
FROM names
WHERE (name, kind, "key") IN (SELECT value ->> 0, 'lane', value ->> 1 FROM json_each(?));

-- identities --
-- Which messages have these identities?
SELECT json_group_array(json_array("key", message, content_hash, at))
FROM names
WHERE (name, kind, "key") IN (SELECT value ->> 0, 'identity', value ->> 1 FROM json_each(?));

-- documents --
-- Which documents do these internal ids belong to?
SELECT json_group_array(json_array("key" ->> 0, "key" ->> 1, name, document))
FROM names
WHERE (name, kind, "key") IN (SELECT value ->> 0, 'document', value ->> 1 FROM json_each(?));

-- applications --
-- Are these applications reachable?
SELECT json_group_array(json_array(:application_columns))
FROM applications
WHERE name IN (SELECT value FROM json_each(?));

-- cursors --
-- How far have these applications been read?
SELECT json_group_array(json_array(:cursor_columns))
FROM cursors
WHERE application IN (SELECT value FROM json_each(?));

-- answers --
-- Which answers did these deliveries give?
SELECT :answer_columns
FROM answers
WHERE (message, number) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?));

-- progress --
-- What was recorded of the sends of these deliveries?
SELECT json_group_array(json_array(:progress_columns))
FROM progress
WHERE (message, number) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?));

-- doubts --
-- Which of these deliveries may have been sent by a bus that this journal does not remember?
SELECT json_group_array(json_array(message, number))
FROM doubts
WHERE (message, number) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?));

-- open_has_fact --
-- Is there a fact at this place?
SELECT EXISTS (SELECT 1 FROM facts WHERE message = :message AND position = :position);

-- open_has_messages --
-- Did anything ever arrive?
SELECT EXISTS (SELECT 1 FROM messages);

-- open_count_doubts --
-- How many deliveries are in doubt?
SELECT count(*) FROM doubts;

-- open_end_doubts --
-- Nothing is in doubt that ended in the meantime.
DELETE FROM doubts
WHERE (message, number) IN (
  SELECT message, number FROM doubts CROSS JOIN deliveries USING (message, number)
  WHERE deliveries.state IN ('delivered', 'discarded')
);

-- open_doubts --
-- Which deliveries may have been sent since, unknown to this journal, and not be sent again: those whose
-- repetition does harm, and those whose sender waited and was told something by now?
INSERT OR IGNORE INTO doubts (message, number)
SELECT message, number
FROM deliveries
WHERE state IN ('held', 'waiting', 'awaiting de-para', 'sending', 'blocked')
  AND (safe = 0 OR deadline > 0);

-- change_of_whole --
-- Which change of the de-para did parts of a whole begin, and none end or undo?
SELECT newest.data ->> 'change'
FROM (
  SELECT position, data
  FROM facts
  WHERE message = '' AND kind = :kind AND CASE WHEN json_valid(data) THEN data ->> 'whole' END = :whole
  ORDER BY position DESC
  LIMIT 1
) AS newest
WHERE newest.data ->> 'more' AND NOT EXISTS (
  SELECT 1
  FROM facts
  WHERE facts.message = '' AND facts.position > newest.position AND facts.kind = :kind
    AND CASE WHEN json_valid(facts.data) THEN facts.data ->> 'undoes' END = newest.data ->> 'change'
);

-- due --
-- What may an application be sent by now? The longest due first.
SELECT json_group_array(json_array(:delivery_columns) ORDER BY due_at, message, number)
FROM (
  SELECT * FROM deliveries
  WHERE state = 'waiting' AND destination = :destination AND due_at <= :now
  ORDER BY due_at, message, number
  LIMIT :limit
);

-- due_urgently --
-- The same, only where a synchronous sender waits. Those are few, and have an index (the `+`).
SELECT json_group_array(json_array(:delivery_columns) ORDER BY due_at, message, number)
FROM (
  SELECT * FROM deliveries
  WHERE state = 'waiting' AND deadline > 0 AND +destination = :destination AND +due_at <= :now
  ORDER BY due_at, message, number
  LIMIT :limit
);

-- due_besides --
-- The same, without some transactions: their others are looked for among the first that are due.
SELECT json_group_array(json_array(:delivery_columns) ORDER BY due_at, message, number)
FROM (
  SELECT found.*
  FROM (
    SELECT * FROM deliveries
    WHERE state = 'waiting' AND destination = :destination AND due_at <= :now
      AND (deadline > 0 OR NOT :urgent)
    ORDER BY due_at, message, number
    LIMIT :depth
  ) AS found CROSS JOIN messages ON messages.id = found.message
  WHERE lower(messages."transaction") NOT IN (SELECT value FROM json_each(:besides))
  ORDER BY found.due_at, found.message, found.number
  LIMIT :limit
);

-- sending --
-- How much is an application being sent, by whatever process?
SELECT count(*) FROM deliveries WHERE state = 'sending' AND destination = :destination;

-- leased_by --
-- What is a worker sending?
SELECT json_group_array(json_array(:delivery_columns))
FROM deliveries WHERE state = 'sending' AND worker = :worker;

-- questions --
-- About what is an application to be asked by now? The longest due first.
SELECT json_group_array(json_array(:delivery_columns) ORDER BY due_at, message, number)
FROM (
  SELECT * FROM deliveries
  WHERE state = 'unknown' AND state IN (:stopped_states)
    AND due_at <= :now AND destination = :destination
  ORDER BY due_at, message, number
  LIMIT :limit
);

-- checks --
-- For the effect of what is an application to be asked by now? The longest due first.
SELECT json_group_array(json_array(:delivery_columns) ORDER BY due_at, message, number)
FROM (
  SELECT * FROM deliveries
  WHERE state = 'delivered' AND due_at IS NOT NULL
    AND destination = :destination AND due_at <= :now
  ORDER BY due_at, message, number
  LIMIT :limit
);

-- overdue --
-- What ran out: leases, waits for a response or an id, synchronous deadlines?
SELECT json_group_array(json_array(:delivery_columns))
FROM (
  SELECT * FROM deliveries WHERE state = 'sending' AND lease_until <= :now
  UNION ALL
  SELECT * FROM deliveries
  WHERE state IN ('awaiting response', 'awaiting de-para')
    AND state IN (:stopped_states) AND due_at <= :now
  UNION ALL
  SELECT * FROM deliveries WHERE state = 'waiting' AND deadline > 0 AND deadline <= :now
  LIMIT :limit
);

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
ON CONFLICT (name, kind, "key") DO UPDATE SET :changes;

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
WHERE (message, number) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?));

-- put_progress --
-- Keeps calls of sends.
INSERT INTO progress (:progress_columns) :rows
ON CONFLICT (message, number, name) DO UPDATE SET :changes;

-- erase_doubts --
-- Settles the doubts about these deliveries: they count as sent by now.
DELETE FROM doubts
WHERE (message, number) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?));

-- let_go_messages --
-- Lets go of these messages, before all that hangs on them.
DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?));

-- let_go_bodies --
-- Lets go of what is kept of these messages there.
DELETE FROM bodies WHERE message IN (SELECT value FROM json_each(?));

-- let_go_deliveries --
-- Lets go of what is kept of these messages there.
DELETE FROM deliveries WHERE message IN (SELECT value FROM json_each(?));

-- let_go_attempts --
-- Lets go of what is kept of these messages there.
DELETE FROM attempts WHERE message IN (SELECT value FROM json_each(?));

-- let_go_answers --
-- Lets go of what is kept of these messages there.
DELETE FROM answers WHERE message IN (SELECT value FROM json_each(?));

-- let_go_progress --
-- Lets go of what is kept of these messages there.
DELETE FROM progress WHERE message IN (SELECT value FROM json_each(?));

-- let_go_doubts --
-- Lets go of what is kept of these messages there.
DELETE FROM doubts WHERE message IN (SELECT value FROM json_each(?));

-- let_go_facts --
-- Lets go of what is kept of these messages there.
DELETE FROM facts WHERE message IN (SELECT value FROM json_each(?));

-- let_go_uuids --
-- Finds these messages by their uuids no more.
DELETE FROM names
WHERE (name, kind, "key") IN (SELECT value ->> 0, 'uuid', value ->> 1 FROM json_each(?));

-- let_go_identities --
-- Forgets these identities: what comes under them is new.
DELETE FROM names
WHERE (name, kind, "key") IN (SELECT value ->> 0, 'identity', value ->> 1 FROM json_each(?));

-- let_go_business_keys --
-- Finds these messages by their business keys no more.
DELETE FROM names
WHERE (name, kind, "key") IN (
  SELECT found.name, found.kind, found."key"
  FROM json_each(?) AS gone
  CROSS JOIN names AS found
  WHERE found.kind = 'business key'
    AND found."key" >= '["' || gone.value || '",' AND found."key" < '["' || gone.value || '"-'
);

-- mask_facts --
-- Takes the words out of facts of messages whose contents are erased.
UPDATE facts SET reason = new.value ->> 2, data = new.value ->> 3
FROM json_each(?) AS new
WHERE facts.message = new.value ->> 0 AND facts.position = new.value ->> 1;

-- put_applications --
-- Writes whether applications are reachable.
INSERT INTO applications (:application_columns) :rows
ON CONFLICT (name) DO UPDATE SET :changes;

-- put_cursors --
-- Writes how far applications have been read, and who reads them.
INSERT INTO cursors (:cursor_columns) :rows
ON CONFLICT (application) DO UPDATE SET :changes;

-- put_facts --
-- Appends facts.
INSERT INTO facts (:placed_fact_columns) :rows;

-- put_sightings --
-- Notes who sends what to whom in a stretch of ids, the first time.
INSERT INTO sightings (:sighting_columns) :rows
ON CONFLICT (stretch, sender, "transaction", destination) DO NOTHING;

-- open --
-- Which opening of the file is this?
INSERT INTO openings (at) VALUES (:now) RETURNING number;

-- openings --
-- When was the file open before, and for how long? The last ones.
SELECT at, lasted FROM openings WHERE number < :opening AND lasted > 0 ORDER BY number DESC LIMIT 256;

-- note_lasting --
-- Keeps for how long this opening has lasted.
UPDATE openings SET lasted = :lasted WHERE number = :opening;

-- end_leases --
-- Lets the leases of whoever had the file before run out at once.
UPDATE deliveries SET lease_until = 0 WHERE state = 'sending';

-- end_readings --
-- Lets others read what the worker read who had the file before.
UPDATE cursors SET worker = '', lease_until = 0 WHERE worker <> '';

-- open_without_pauses --
-- Has whoever was unreachable tried now: the process that left it alone is gone.
UPDATE applications SET paused_until = :now WHERE paused_until > :now;

-- open_with_right_times --
-- Has waits that began by a clock which was ahead begin now, so that they are as long as meant.
UPDATE deliveries SET
  due_at = deliveries.due_at - (changed_at - :now),
  deadline = iif(deadline > 0, deadline - (changed_at - :now), 0),
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
)
WHERE message = late AND number = late_number AND changed_at > :now;

-- newest_configuration --
-- Which configuration is in force?
SELECT json_group_array(json_array(:configuration_columns))
FROM (SELECT * FROM configurations ORDER BY number DESC LIMIT 1);

-- put_openings --
-- Keeps when another journal was open, of which this is a copy.
INSERT INTO openings (:opening_columns) :rows;

-- put_doubts --
-- Keeps the doubts of another journal, of which this is a copy.
INSERT INTO doubts (:doubt_columns) :rows;

-- put_configurations --
-- Appends a version of the configuration.
INSERT INTO configurations (:configuration_columns) :rows;
