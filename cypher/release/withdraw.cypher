// purpose: Close what makes a visitor's tenures probably a user's, by inference from the user or from what is the user's.
// access:  write
// params:  tenant STRING, user_id STRING, visitor_ids LIST<STRING>, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
MATCH (tenure)-[link:PROBABLY]->(other:Identity)
WHERE
  other.user_id = $user_id OR
  EXISTS {
    (other)
    // part: upwards
    (nearest)-[:RESOLVES_TO]->(user:User)
    WHERE user.user_id = $user_id
  }
CREATE (tenure)-[closed:WAS_PROBABLY]->(other)
// part: close(open: link)
