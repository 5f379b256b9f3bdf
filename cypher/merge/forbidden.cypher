// purpose: The users whom a cannot-link, open or closed, separates from any of these visitors.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: user_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[:CANNOT_LINK|COULD_NOT_LINK]->(user:User)
RETURN DISTINCT user.user_id AS user_id
