// purpose: Resolve one tenure or user, with what of this is hidden, and read the tenures and visitors that make up each identity that it
//          may belong to, without those where the identity's relationship with the visitor is hidden.
// access:  read
// params:  tenant STRING, identity_id STRING
// returns: resolved MAP, hidden_ids LIST<STRING>, members LIST<MAP>
// index:   Identity(tenant, identity_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, user_id, visitor_id), Visitor(tenant, visitor_id)
MATCH (start:Identity {tenant: $tenant, identity_id: $identity_id})
CALL (start) {
  // part: whose
}
// part: hidden_owners
CALL (owner_ids) {
  UNWIND owner_ids + $identity_id AS owner_id
  WITH DISTINCT owner_id
  MATCH (identity:Identity {tenant: $tenant, identity_id: owner_id})
  CALL (identity) {
    MATCH (identity)<-[:RESOLVES_TO]-(holder:Tenure)
    RETURN holder
    UNION
    MATCH (identity)
    WHERE identity:Tenure
    RETURN identity AS holder
  }
  MATCH
    (holder)
    // part: downwards
    (tenure:Tenure)
  MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: used.root_id})
  WHERE NOT EXISTS { (visitor)-[identified:IDENTIFIED_AS]->(identity) WHERE NOT identified.visible }
  WITH
    owner_id,
    collect(DISTINCT tenure.identity_id) AS tenures,
    collect(DISTINCT visitor.visitor_id) AS visitors,
    min(tenure.first_seen) AS first_seen,
    max(tenure.last_seen) AS last_seen
  RETURN collect({
    identity_id: owner_id,
    tenures: tenures,
    visitors: visitors,
    first_seen: first_seen,
    last_seen: last_seen
  }) AS members
}
RETURN resolved, hidden_ids, members
