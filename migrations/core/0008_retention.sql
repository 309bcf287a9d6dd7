-- Alerts are kept for a time. `once_key` makes a second alert about one thing impossible, whichever node comes first.
ALTER TABLE alerts ADD COLUMN once_key text;
CREATE UNIQUE INDEX alerts_once ON alerts (tenant_id, once_key) WHERE once_key IS NOT NULL;
CREATE INDEX alerts_at ON alerts (tenant_id, at);
GRANT UPDATE (once_key), DELETE ON alerts TO carillon_system;
