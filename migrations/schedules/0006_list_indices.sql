-- The status that the holds make, as a column: under row-level security only a comparison with a column, not with what
-- an expression makes of one, may use an index. Its statistics also tell the planner where to walk the list's order.
ALTER TABLE schedules ADD COLUMN status text NOT NULL GENERATED ALWAYS AS (
  CASE WHEN jsonb_exists(holds, 'completed') THEN 'completed' WHEN jsonb_exists(holds, 'expired') THEN 'expired'
  WHEN jsonb_exists(holds, 'invalid') THEN 'invalid' WHEN jsonb_exists(holds, 'failures') THEN 'failed'
  WHEN holds = '{}' THEN 'active' ELSE 'paused' END
) STORED;
CREATE INDEX schedules_by_status ON schedules (tenant_id, status, name, id) WHERE deleted_at IS NULL;
CREATE INDEX schedules_by_kind ON schedules (tenant_id, kind, name, id) WHERE deleted_at IS NULL;
