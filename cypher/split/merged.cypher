// purpose: The merge by which a visitor counts for another.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: into_id STRING, change_id STRING
// index:   Visitor(tenant, visitor_id)
MATCH (:Visitor {tenant: $tenant, visitor_id: $visitor_id})-[merged:MERGED_INTO]->(into:Visitor)
RETURN into.visitor_id AS into_id, merged.change_id AS change_id
