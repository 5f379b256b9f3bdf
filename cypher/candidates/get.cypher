// purpose: A candidate by its id.
// access:  read
// params:  tenant STRING, candidate_id STRING
// returns: candidate_id STRING, one_id STRING, other_id STRING, state STRING, confidence FLOAT, addresses STRING, arithmetic STRING, found_at ZONED DATETIME, decided_at ZONED DATETIME NULL
// index:   MAY_BE(tenant, candidate_id)
MATCH (one:Visitor)-[candidate:MAY_BE {tenant: $tenant, candidate_id: $candidate_id}]->(other:Visitor)
USING INDEX SEEK candidate:MAY_BE(tenant, candidate_id)
RETURN
  candidate.candidate_id AS candidate_id,
  one.visitor_id AS one_id,
  other.visitor_id AS other_id,
  candidate.state AS state,
  candidate.confidence AS confidence,
  candidate.addresses AS addresses,
  candidate.arithmetic AS arithmetic,
  candidate.found_at AS found_at,
  candidate.decided_at AS decided_at
