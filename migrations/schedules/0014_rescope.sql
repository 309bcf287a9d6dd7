-- An edit may change the room that what waits counts in.
GRANT UPDATE (scope) ON backlog TO carillon_app;
