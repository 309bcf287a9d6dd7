-- How many items of a bulk job needed nothing or were left, when it began, and that it is taken back at most once.
ALTER TABLE bulk_jobs ADD COLUMN skipped bigint NOT NULL DEFAULT 0;
ALTER TABLE bulk_jobs ADD COLUMN started_at timestamptz;
CREATE UNIQUE INDEX bulk_jobs_undo ON bulk_jobs (tenant_id, undo_of) WHERE undo_of IS NOT NULL;
