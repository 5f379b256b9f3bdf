// Two visitors that may be one person's are joined by an edge until somebody decides. Candidates are listed surest first, and
// found by when they were first together, since what rests on addresses is kept as long as these.

CREATE CONSTRAINT candidate_key IF NOT EXISTS
FOR ()-[r:MAY_BE]-() REQUIRE (r.tenant, r.candidate_id) IS UNIQUE;
CREATE INDEX candidate_by_confidence IF NOT EXISTS
FOR ()-[r:MAY_BE]-() ON (r.tenant, r.state, r.confidence, r.candidate_id);
CREATE INDEX candidate_by_first_seen IF NOT EXISTS
FOR ()-[r:MAY_BE]-() ON (r.tenant, r.first_seen);
