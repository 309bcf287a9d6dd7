-- Row-level security and grants of the tables of 0003.
ALTER TABLE backlog ENABLE ROW LEVEL SECURITY;
CREATE POLICY backlog_app ON backlog TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY backlog_system ON backlog TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE overlap_scopes ENABLE ROW LEVEL SECURITY;
CREATE POLICY overlap_scopes_app ON overlap_scopes TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY overlap_scopes_system ON overlap_scopes TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE schedule_versions ENABLE ROW LEVEL SECURITY;
CREATE POLICY schedule_versions_app ON schedule_versions TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY schedule_versions_system ON schedule_versions TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE maintenance ENABLE ROW LEVEL SECURITY;
CREATE POLICY maintenance_app ON maintenance TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY maintenance_system ON maintenance TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE backfills ENABLE ROW LEVEL SECURITY;
CREATE POLICY backfills_app ON backfills TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY backfills_system ON backfills TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE backfill_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY backfill_items_app ON backfill_items TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY backfill_items_system ON backfill_items TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE bulk_jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY bulk_jobs_app ON bulk_jobs TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY bulk_jobs_system ON bulk_jobs TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE bulk_items ENABLE ROW LEVEL SECURITY;
CREATE POLICY bulk_items_app ON bulk_items TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY bulk_items_system ON bulk_items TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON backlog TO carillon_app;
GRANT SELECT, INSERT, UPDATE ON overlap_scopes TO carillon_app;
GRANT SELECT, INSERT ON schedule_versions TO carillon_app;
GRANT SELECT, INSERT, UPDATE ON maintenance, backfills, backfill_items, bulk_jobs, bulk_items TO carillon_app;
GRANT SELECT ON system_maintenance TO carillon_app;
GRANT SELECT, INSERT, DELETE ON backlog TO carillon_system;
GRANT SELECT, UPDATE ON overlap_scopes TO carillon_system;
GRANT SELECT, INSERT, UPDATE ON maintenance, system_maintenance TO carillon_system;
GRANT SELECT, UPDATE ON backfills, backfill_items, bulk_jobs, bulk_items TO carillon_system;
