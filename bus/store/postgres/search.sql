-- listed --
-- Which messages are chosen? The newest first.
SELECT id
FROM messages
WHERE :conditions
ORDER BY id DESC
LIMIT :limit;

-- stretches --
-- Where do such messages occur? The newest stretch of ids first.
SELECT DISTINCT stretch
FROM sightings
WHERE stretch < :before_stretch
  AND stretch >= :floor
  AND (:sender = '' OR sender = :sender)
  AND (:transaction = '' OR lower("transaction") = lower(:transaction))
  AND (:destination = '' OR destination = :destination)
ORDER BY stretch DESC
LIMIT 100;

-- floor --
-- Before which stretch of ids was nothing received since then? A day's grace, for clocks that were set.
SELECT stretch FROM sightings WHERE at < :since - 86400000000 ORDER BY stretch DESC LIMIT 1;

-- where_before --
-- Below an id that was shown already.
id < :before;

-- where_floor --
-- Not so old that it need not be looked at.
id >= :floor;

-- where_newest --
-- Among the newest, below an id that was shown already.
id >= coalesce(
  (
    SELECT id FROM messages
    WHERE :before = '' OR id < :before
    ORDER BY id DESC
    LIMIT 1 OFFSET :newest
  ),
  ''
);

-- where_stretch --
-- In this stretch of ids.
id >= :stretch AND id < :stretch::text || '~';

-- where_since --
-- Not older.
received_at >= :since;

-- where_until --
-- Older.
received_at < :until;

-- where_sender --
-- From this application.
sender = :sender;

-- where_transaction --
-- Of this transaction, in any letter case.
lower("transaction") = lower(:transaction);

-- where_key --
-- With this value of a business key.
id IN (SELECT "key"::json ->> 0 FROM names WHERE indexable(name) = indexable(:key) AND name = :key AND kind = 'business key');

-- where_rejected --
-- Refused on arrival.
state = 'rejected';

-- where_delivery --
-- With a delivery to this application, in this state.
EXISTS (
  SELECT 1 FROM deliveries AS delivery
  WHERE delivery.message = messages.id
    AND (:destination = '' OR delivery.destination = :destination)
    AND (:state = '' OR delivery.state = :state)
    AND (:effect = '' OR delivery.effect = :effect)
);

-- where_without_effect --
-- Among those whose effect somebody must look at, which are few.
id IN (
  SELECT message FROM deliveries
  WHERE effect = :effect AND effect IN ('absent', 'not checkable')
);

-- where_differing --
-- Among those whose answer differs from its contract, which are few.
id IN (
  SELECT fact.message
  FROM facts AS fact
  JOIN deliveries AS delivery ON delivery.message = fact.message AND delivery.number = fact.number
  WHERE fact.kind = 'answer differs'
    AND (:destination = '' OR delivery.destination = :destination)
);

-- where_waiting --
-- Among those that wait, which are few.
id IN (SELECT message FROM deliveries WHERE state = 'waiting');

-- where_sending --
-- Among those that are being sent, which are few.
id IN (SELECT message FROM deliveries WHERE state = 'sending');

-- where_stopped --
-- Among those that stopped, which are few.
id IN (
  SELECT message FROM deliveries
  WHERE state = :state AND state IN (:stopped_states)
);
