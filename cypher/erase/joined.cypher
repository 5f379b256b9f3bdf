// purpose: The users that are or were joined to the visitors of these visitors' merge groups.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: user_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (named:Visitor {tenant: $tenant, visitor_id: visitor_id})
WITH DISTINCT named.root_id AS root_id
MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
USING INDEX SEEK member:Visitor(tenant, root_id)
MATCH (member)-[:IDENTIFIED_AS|WAS_IDENTIFIED_AS|CANNOT_LINK|COULD_NOT_LINK]->(user:User)
RETURN DISTINCT user.user_id AS user_id
