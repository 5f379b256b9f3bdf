// Logins of a tenure without its other events, and relationships by when they were last seen.

CREATE INDEX login_by_tenure IF NOT EXISTS FOR (n:Event) ON (n.tenant, n.tenure_id, n.user_id);

CREATE INDEX identified_as_by_last_seen IF NOT EXISTS
FOR ()-[r:IDENTIFIED_AS]-() ON (r.tenant, r.last_seen);
