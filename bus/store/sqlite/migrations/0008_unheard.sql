-- Whether a try from before a delivery was sent anew may have arrived, and was never answered.
ALTER TABLE deliveries ADD COLUMN "unheard" INTEGER NOT NULL DEFAULT 0;
