// purpose: The next tenures, by their first times, whose events make the journey of a visitor's merge group, each with the confidence
//          that its jar is in its visitor.
// access:  read
// params:  tenant STRING, visitor_id STRING, since ZONED DATETIME, until ZONED DATETIME, after_at ZONED DATETIME, after_id STRING, limit INTEGER
// returns: tenure_id STRING, visitor_id STRING, confidence FLOAT, first_seen INTEGER, last_seen INTEGER, events INTEGER
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
USING INDEX SEEK named:Visitor(tenant, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: named.root_id})
WITH visitor
MATCH (member:Visitor {tenant: $tenant, root_id: visitor.visitor_id})<-[inside:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
USING INDEX SEEK member:Visitor(tenant, root_id)
WHERE
  // part: next_streams
WITH visitor, inside, tenure
ORDER BY tenure.first_seen, tenure.identity_id
WITH visitor, inside, tenure
WHERE
  // Leave out the tenures of a hidden user, and of a user whose relationship with this visitor is hidden.
  NOT EXISTS {
    (tenure)
    // part: upwards
    (nearest)-[:RESOLVES_TO]->(user:User)
    WHERE user.hidden OR EXISTS { (visitor)-[identified:IDENTIFIED_AS]->(user) WHERE NOT identified.visible }
  }
LIMIT $limit
RETURN
  tenure.identity_id AS tenure_id,
  visitor.visitor_id AS visitor_id,
  inside.confidence AS confidence,
  tenure.first_seen.epochMillis AS first_seen,
  tenure.last_seen.epochMillis AS last_seen,
  tenure.events AS events
