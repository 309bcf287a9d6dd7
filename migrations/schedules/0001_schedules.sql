CREATE TABLE schedules (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  bound_version bigint NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  labels text[] NOT NULL,
  kind text NOT NULL,
  timing text NOT NULL,
  start_at timestamptz,
  end_at timestamptz,
  max_runs bigint,
  jitter_us bigint NOT NULL,
  missed text NOT NULL,
  overlap text NOT NULL,
  priority smallint NOT NULL,
  payload text NOT NULL,
  holds jsonb NOT NULL,
  settled_until timestamptz NOT NULL,
  revision bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by text NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, workflow_id) REFERENCES workflows (tenant_id, id),
  FOREIGN KEY (tenant_id, workflow_id, bound_version) REFERENCES workflow_versions (tenant_id, workflow_id, number)
);
CREATE UNIQUE INDEX schedules_name ON schedules (tenant_id, workflow_id, name) WHERE deleted_at IS NULL;
CREATE INDEX schedules_by_name ON schedules (tenant_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX schedules_by_update ON schedules (tenant_id, updated_at, id) WHERE deleted_at IS NULL;
-- The ledger: every due time one record, a stretch of them one record with a count.
CREATE TABLE fires (
  tenant_id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  due_at timestamptz NOT NULL,
  last_due_at timestamptz,
  count bigint NOT NULL,
  planned_at timestamptz NOT NULL,
  fired_at timestamptz NOT NULL,
  verdict text NOT NULL,
  reason text NOT NULL,
  run_id uuid,
  schedule_revision bigint NOT NULL,
  PRIMARY KEY (tenant_id, schedule_id, due_at)
);
CREATE TABLE schedule_stats (
  tenant_id uuid NOT NULL,
  schedule_id uuid NOT NULL,
  succeeded bigint NOT NULL,
  failed bigint NOT NULL,
  cancelled bigint NOT NULL,
  duration_us bigint NOT NULL,
  failures_in_row bigint NOT NULL,
  last_run_id uuid NOT NULL,
  last_state text NOT NULL,
  last_at timestamptz NOT NULL,
  last_error text NOT NULL,
  PRIMARY KEY (tenant_id, schedule_id)
) WITH (fillfactor = 50);
