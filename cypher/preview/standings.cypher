// purpose: Whose each visitor is by its latest tenure, with the inferences that may be read, and the relationships of its merge
//          group, strongest first.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>, users_max INTEGER
// returns: visitor_id STRING, tenure_id STRING, resolved MAP, hidden_ids LIST<STRING>, relationships LIST<MAP>
// index:   Visitor(tenant, root_id), Identity(tenant, identity_id), IDENTIFIED_AS(tenant, user_id, visitor_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
UNWIND $visitor_ids AS looked_at_id
CALL (looked_at_id) {
  MATCH (merged:Visitor {tenant: $tenant, root_id: looked_at_id})
  RETURN merged.latest_tenure_id AS latest_id
  ORDER BY merged.last_seen DESC, merged.visitor_id DESC
  LIMIT 1
}
MATCH (start:Identity {tenant: $tenant, identity_id: latest_id})
USING INDEX SEEK start:Identity(tenant, identity_id)
CALL (looked_at_id) {
  MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(user:User)
  USING INDEX SEEK identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
  WHERE
    identified.tenant = $tenant AND
    identified.visitor_id = looked_at_id AND
    identified.rank > -1000000.0 AND
    identified.user_id IS NOT NULL AND
    identified.visible
  WITH identified
  ORDER BY identified.tenant DESC, identified.visitor_id DESC, identified.rank DESC, identified.user_id DESC
  LIMIT $users_max
  RETURN collect({confidence: identified.confidence, last_seen: identified.last_seen.epochMillis}) AS relationships
}
CALL (start) {
  // part: whose
}
// part: hidden_owners
RETURN looked_at_id AS visitor_id, latest_id AS tenure_id, resolved, hidden_ids, relationships
