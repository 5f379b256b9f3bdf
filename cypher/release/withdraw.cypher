// purpose: Close the inferences of visitors' tenures that lead to a user, or to a tenure that resolves to the user.
// access:  write
// params:  tenant STRING, user_id STRING, visitor_ids LIST<STRING>, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
MATCH (tenure)-[inference:PROBABLY]->(identity:Identity)
WHERE
  identity.user_id = $user_id OR
  EXISTS {
    (identity)
    // part: upwards
    (nearest)-[:RESOLVES_TO]->(user:User)
    WHERE user.user_id = $user_id
  }
CREATE (tenure)-[closed:WAS_PROBABLY]->(identity)
// part: close(open: inference, at: $at, change_id: $change_id)
