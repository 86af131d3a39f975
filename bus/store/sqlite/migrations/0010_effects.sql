-- After how long (µs) is a destination asked for the effect of what it said OK to? 0: it is not.
ALTER TABLE deliveries ADD COLUMN "check_after" INTEGER NOT NULL DEFAULT 0;

-- What did asking come to? Empty: nothing was asked, or not enough yet.
ALTER TABLE deliveries ADD COLUMN "effect" TEXT NOT NULL DEFAULT '';

-- Claiming: effects to be asked for by now. What is delivered and not to be asked about costs nothing.
CREATE INDEX deliveries_to_check ON deliveries (destination, due_at)
  WHERE state = 'delivered' AND due_at IS NOT NULL;

-- Listings of effects that somebody has to look at.
CREATE INDEX deliveries_without_effect ON deliveries (effect)
  WHERE effect IN ('absent', 'not checkable');
