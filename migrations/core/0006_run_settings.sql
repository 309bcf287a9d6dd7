-- How a run is carried out where its schedule says so: timeout, retries left. Null for the hub's defaults.
ALTER TABLE run_queue ADD COLUMN settings text;
