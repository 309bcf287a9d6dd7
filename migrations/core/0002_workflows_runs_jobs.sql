CREATE TABLE workflows (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  trigger text NOT NULL,
  latest_version bigint,
  latest_has_schema boolean NOT NULL,
  draft_changed boolean NOT NULL,
  revision bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX workflows_name ON workflows (tenant_id, name);
CREATE TABLE workflow_drafts (
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  text text NOT NULL,
  format text NOT NULL,
  revision bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by text NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id),
  FOREIGN KEY (tenant_id, workflow_id) REFERENCES workflows (tenant_id, id)
);
CREATE TABLE workflow_versions (
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  number bigint NOT NULL,
  text text NOT NULL,
  format text NOT NULL,
  payload_schema text NOT NULL,
  dialect text NOT NULL,
  note text NOT NULL,
  published_at timestamptz NOT NULL,
  published_by text NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, number),
  FOREIGN KEY (tenant_id, workflow_id) REFERENCES workflows (tenant_id, id)
);
-- Runs: wide and cold, written when they start and end. No index on a column that changes, so updates stay HOT.
CREATE TABLE runs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  version bigint NOT NULL,
  schedule_id uuid,
  state smallint NOT NULL,
  priority smallint NOT NULL,
  takeovers integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  provenance text NOT NULL,
  input text NOT NULL,
  output text,
  error text,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 50);
CREATE INDEX runs_schedule ON runs (tenant_id, schedule_id, id) WHERE schedule_id IS NOT NULL;
CREATE INDEX runs_workflow ON runs (tenant_id, workflow_id, id);
-- The queue: one narrow row for each run that has not ended. visible_at is when it may be claimed: creation, wake
-- time, or the end of its lease.
CREATE TABLE run_queue (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  version bigint NOT NULL,
  schedule_id uuid,
  priority smallint NOT NULL,
  visible_at timestamptz NOT NULL,
  owner uuid,
  epoch integer NOT NULL DEFAULT 0,
  cancel_requested boolean NOT NULL DEFAULT false,
  checkpoint text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, run_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX run_queue_visible ON run_queue (priority, visible_at);
CREATE INDEX run_queue_schedule ON run_queue (tenant_id, schedule_id) WHERE schedule_id IS NOT NULL;
CREATE TABLE run_steps (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  ordinal integer NOT NULL,
  path text NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  attempt integer NOT NULL,
  state text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  input text,
  output text,
  error text,
  PRIMARY KEY (tenant_id, run_id, ordinal)
);
-- Registrations: the narrow, hot row of everything that must happen at a time.
CREATE TABLE registrations (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  due_at timestamptz,
  planned_at timestamptz,
  zone_data text NOT NULL,
  recurrence text NOT NULL,
  last_due_at timestamptz,
  last_planned_at timestamptz,
  last_fired_at timestamptz,
  last_verdict text,
  last_run_id uuid,
  started bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX registrations_planned ON registrations (planned_at) WHERE planned_at IS NOT NULL;
