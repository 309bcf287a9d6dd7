-- How far each listener has heard each tenant's change stream.
CREATE TABLE listener_positions (
  tenant_id uuid NOT NULL,
  listener text NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (tenant_id, listener)
) WITH (fillfactor = 50);
ALTER TABLE listener_positions ENABLE ROW LEVEL SECURITY;
CREATE POLICY listener_positions_app ON listener_positions TO carillon_app
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY listener_positions_system ON listener_positions TO carillon_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON listener_positions TO carillon_system;
