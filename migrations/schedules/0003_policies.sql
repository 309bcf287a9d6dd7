-- Policies beyond their name: catch-up, overlap scope and limits, timeout and retries of runs. `scope` is the group of
-- runs that may not overlap: "" for the schedule's own, "w:" and the workflow, "k:" and the key's value.
ALTER TABLE schedules ADD COLUMN policies jsonb NOT NULL DEFAULT '{}';
ALTER TABLE schedules ADD COLUMN scope text NOT NULL DEFAULT '';
ALTER TABLE schedules ADD COLUMN hold_after_failures integer;
GRANT UPDATE (settled_until) ON schedules TO carillon_system;
-- What a verdict was based on: zone data, and for other verdicts than started what stood in the way.
ALTER TABLE fires ADD COLUMN zone_data text NOT NULL DEFAULT '';
ALTER TABLE fires ADD COLUMN detail text NOT NULL DEFAULT '';
-- A due time missed under the policy `fail` counts as a failure without a run.
ALTER TABLE schedule_stats ALTER COLUMN last_run_id DROP NOT NULL;
GRANT UPDATE (failures_in_row) ON schedule_stats TO carillon_app;
-- Due times that will start once there is room: buffered by an overlap policy, or to be caught up.
CREATE TABLE backlog (
  tenant_id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  due_at timestamptz NOT NULL,
  planned_at timestamptz NOT NULL,
  reason text NOT NULL,
  since timestamptz NOT NULL,
  scope text NOT NULL,
  schedule_revision bigint NOT NULL,
  PRIMARY KEY (tenant_id, schedule_id, due_at)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX backlog_scope ON backlog (tenant_id, scope);
-- One row for each group shared by several schedules: held while its room is counted.
CREATE TABLE overlap_scopes (
  tenant_id uuid NOT NULL,
  scope text NOT NULL,
  PRIMARY KEY (tenant_id, scope)
);
-- Every change by a person or a program. `payload` is null where it is the one of the version before.
CREATE TABLE schedule_versions (
  tenant_id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  revision bigint NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  document text NOT NULL,
  payload text,
  PRIMARY KEY (tenant_id, schedule_id, revision)
);
-- Maintenance of one tenant, and of the whole hub. Ended ones are kept: what came due meanwhile is judged by them.
CREATE TABLE maintenance (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz,
  ended_at timestamptz,
  reason text NOT NULL,
  actor text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE TABLE system_maintenance (
  id uuid NOT NULL PRIMARY KEY,
  since timestamptz NOT NULL,
  until timestamptz,
  ended_at timestamptz,
  reason text NOT NULL,
  actor text NOT NULL
);
-- The runs of a past range.
CREATE TABLE backfills (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL,
  concurrency integer NOT NULL,
  include_fired boolean NOT NULL,
  state text NOT NULL,
  total bigint NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, schedule_id) REFERENCES schedules (tenant_id, id)
);
CREATE INDEX backfills_schedule ON backfills (tenant_id, schedule_id, id);
CREATE TABLE backfill_items (
  tenant_id uuid NOT NULL,
  backfill_id uuid NOT NULL,
  due_at timestamptz NOT NULL,
  schedule_id uuid NOT NULL,
  state text NOT NULL,
  run_id uuid,
  PRIMARY KEY (tenant_id, backfill_id, due_at),
  FOREIGN KEY (tenant_id, backfill_id) REFERENCES backfills (tenant_id, id)
);
CREATE INDEX backfill_items_schedule ON backfill_items (tenant_id, schedule_id, due_at);
-- One operation on many schedules: what was asked, and what became of each.
CREATE TABLE bulk_jobs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  action text NOT NULL,
  arguments text NOT NULL,
  state text NOT NULL,
  total bigint NOT NULL,
  done bigint NOT NULL,
  failed bigint NOT NULL,
  undo_of uuid,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  context text NOT NULL,
  lease_until timestamptz,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE INDEX bulk_jobs_open ON bulk_jobs (state) WHERE ended_at IS NULL;
CREATE TABLE bulk_items (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  ordinal bigint NOT NULL,
  schedule_id uuid NOT NULL,
  name text NOT NULL,
  state text NOT NULL,
  code text NOT NULL DEFAULT '',
  message text NOT NULL DEFAULT '',
  undo text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, job_id, ordinal),
  FOREIGN KEY (tenant_id, job_id) REFERENCES bulk_jobs (tenant_id, id)
);
