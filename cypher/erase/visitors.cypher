// purpose: Remove visitors, and return the users that were joined to them.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: user_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
OPTIONAL MATCH (visitor)-[:IDENTIFIED_AS|WAS_IDENTIFIED_AS|CANNOT_LINK|COULD_NOT_LINK]->(user:User)
WITH visitor, collect(DISTINCT user.user_id) AS user_ids
// part: outdated_cluster(member: visitor)
DETACH DELETE visitor
WITH user_ids
UNWIND user_ids AS user_id
RETURN DISTINCT user_id
