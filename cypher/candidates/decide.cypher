// purpose: Note on a candidate what somebody decided about it, and by which change; the visitors are locked.
// access:  write
// params:  tenant STRING, candidate_id STRING, state STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   MAY_BE(tenant, candidate_id)
MATCH (:Visitor)-[candidate:MAY_BE {tenant: $tenant, candidate_id: $candidate_id}]->(:Visitor)
USING INDEX SEEK candidate:MAY_BE(tenant, candidate_id)
SET candidate.state = $state, candidate.decided_at = $at, candidate.change_id = $change_id
