-- What a send of several calls has recorded of them. It is read where a delivery that has some is
-- claimed (`deliveries.steps` tells), and erased when the destination has said OK to the whole.
CREATE TABLE progress (
  "message" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  PRIMARY KEY (message, number, name)
) STRICT, WITHOUT ROWID;

ALTER TABLE deliveries ADD COLUMN "steps" INTEGER NOT NULL DEFAULT 0;

-- How often the destination was asked what became of a delivery.
ALTER TABLE deliveries ADD COLUMN "asked" INTEGER NOT NULL DEFAULT 0;
