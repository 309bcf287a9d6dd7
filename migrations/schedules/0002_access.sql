-- Row-level security of the schedules plugin's tables.
ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
CREATE POLICY schedules_app ON schedules TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY schedules_system ON schedules TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE fires ENABLE ROW LEVEL SECURITY;
CREATE POLICY fires_app ON fires TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY fires_system ON fires TO carillon_system USING (true) WITH CHECK (true);
ALTER TABLE schedule_stats ENABLE ROW LEVEL SECURITY;
CREATE POLICY schedule_stats_app ON schedule_stats TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY schedule_stats_system ON schedule_stats TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON schedules TO carillon_app;
GRANT SELECT, INSERT ON fires TO carillon_app;
GRANT SELECT ON schedule_stats TO carillon_app;
GRANT SELECT, UPDATE (holds, updated_at) ON schedules TO carillon_system;
GRANT SELECT, INSERT ON fires TO carillon_system;
GRANT SELECT, INSERT, UPDATE ON schedule_stats TO carillon_system;
