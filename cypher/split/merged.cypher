// purpose: Read a visitor's open merge, and the users to whom its merge group has a cannot-link, open or contradicted.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: into_id STRING, change_id STRING, user_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})-[merged:MERGED_INTO]->(into:Visitor)
OPTIONAL MATCH
  (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[:CANNOT_LINK|COULD_NOT_LINK]->(user:User)
RETURN
  into.visitor_id AS into_id,
  merged.change_id AS change_id,
  collect(DISTINCT user.user_id) AS user_ids
