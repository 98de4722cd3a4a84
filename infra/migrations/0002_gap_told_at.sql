-- When a gap was told: the last word on it stands, as a healed gap may open again.
ALTER TABLE gaps ADD COLUMN at_us BIGINT NOT NULL DEFAULT 0;
