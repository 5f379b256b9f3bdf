// purpose: Keep candidates, or what is known of them now where they are open; what somebody decided stays as it was then, and
//          the visitors are locked.
// access:  write
// params:  tenant STRING, at ZONED DATETIME, rows LIST<MAP> {candidate_id STRING, one_id STRING, other_id STRING, confidence FLOAT, addresses STRING, arithmetic STRING, first_seen ZONED DATETIME}
// returns: count INTEGER
// index:   Visitor(tenant, visitor_id)
UNWIND $rows AS row
MATCH (one:Visitor {tenant: $tenant, visitor_id: row.one_id})
MATCH (other:Visitor {tenant: $tenant, visitor_id: row.other_id})
OPTIONAL MATCH (one)-[known:MAY_BE]->(other)
FOREACH (_ IN CASE WHEN known IS NULL THEN [1] ELSE [] END |
  CREATE (one)-[:MAY_BE {
    tenant: $tenant,
    candidate_id: row.candidate_id,
    state: 'open',
    confidence: row.confidence,
    addresses: row.addresses,
    arithmetic: row.arithmetic,
    first_seen: row.first_seen,
    found_at: $at
  }]->(other)
)
FOREACH (candidate IN CASE WHEN known.state = 'open' THEN [known] ELSE [] END |
  SET
    candidate.confidence = row.confidence,
    candidate.addresses = row.addresses,
    candidate.arithmetic = row.arithmetic,
    candidate.first_seen = row.first_seen,
    candidate.found_at = $at
)
RETURN count(CASE WHEN coalesce(known.state, 'open') = 'open' THEN 1 END) AS count
