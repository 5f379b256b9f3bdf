// purpose: Keep on a visitor the users who logged in lately through jars that never came back.
// access:  write
// params:  tenant STRING, visitor_id STRING, recent_users LIST<STRING>
// returns: nothing
// index:   Visitor(tenant, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
SET visitor.recent_users = $recent_users
