-- Why a backfill is paused or was cancelled, in words for people.
ALTER TABLE backfills ADD COLUMN reason text NOT NULL DEFAULT '';
