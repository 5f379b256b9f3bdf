// purpose: The tenures and visitors that make up an identity, without those where its relationship with the visitor is hidden.
// access:  read
// params:  tenant STRING, identity_id STRING
// returns: tenures LIST<STRING>, visitors LIST<STRING>, first_seen ZONED DATETIME NULL, last_seen ZONED DATETIME NULL
// index:   Identity(tenant, identity_id), Visitor(tenant, visitor_id)
MATCH (identity:Identity {tenant: $tenant, identity_id: $identity_id})
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
RETURN
  collect(DISTINCT tenure.identity_id) AS tenures,
  collect(DISTINCT visitor.visitor_id) AS visitors,
  min(tenure.first_seen) AS first_seen,
  max(tenure.last_seen) AS last_seen
