// Logins of a tenure without its other events; relationships by when they were last seen and by what they are worth,
// those of merged visitors, which have no rank, not among the latter; and the jobs that look for them.

CREATE CONSTRAINT job_key IF NOT EXISTS FOR (n:Job) REQUIRE (n.tenant, n.name) IS UNIQUE;

CREATE INDEX login_by_tenure IF NOT EXISTS FOR (n:Event) ON (n.tenant, n.tenure_id, n.user_id);

CREATE INDEX identified_as_by_last_seen IF NOT EXISTS
FOR ()-[r:IDENTIFIED_AS]-() ON (r.tenant, r.last_seen);

CREATE INDEX identified_as_by_rank IF NOT EXISTS
FOR ()-[r:IDENTIFIED_AS]-() ON (r.tenant, r.rank);
