// purpose: The tenures whose events make a visitor's journey, merged ones' too, each with how sure it is that its jar is in the visitor.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: tenure_id STRING, visitor_id STRING, confidence FLOAT, first_seen ZONED DATETIME, last_seen ZONED DATETIME, events INTEGER
// index:   Visitor(tenant, visitor_id)
MATCH (:Visitor {tenant: $tenant, visitor_id: $visitor_id})-[:MERGED_INTO*0..8]->(visitor:Visitor)
WHERE NOT EXISTS { (visitor)-[:MERGED_INTO]->() }
MATCH (visitor)<-[:MERGED_INTO*0..8]-(:Visitor)<-[inside:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
WHERE
  tenure.events > 0 AND
  // Nobody reads what a hidden user did, or one who is hidden on this visitor.
  NOT EXISTS {
    (tenure)
    ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[:TIED_TO]->(above)){0,8}
    (nearest)-[:RESOLVES_TO]->(user:User)
    WHERE user.hidden OR EXISTS { (visitor)-[identified:IDENTIFIED_AS]->(user) WHERE NOT identified.visible }
  }
RETURN
  tenure.identity_id AS tenure_id,
  visitor.visitor_id AS visitor_id,
  inside.confidence AS confidence,
  tenure.first_seen AS first_seen,
  tenure.last_seen AS last_seen,
  tenure.events AS events
