-- What is removed for good after its retention time is found by these.
CREATE INDEX schedules_deleted ON schedules (tenant_id, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX bulk_jobs_ended ON bulk_jobs (tenant_id, ended_at) WHERE ended_at IS NOT NULL;
GRANT SELECT, DELETE ON schedule_versions, publish_verdicts TO carillon_system;
GRANT DELETE ON schedules, schedule_stats, backfills, backfill_items, bulk_jobs, bulk_items TO carillon_system;
