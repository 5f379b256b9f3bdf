// purpose: Close what was said against visitors being users', as somebody said otherwise; on all a visitor is one with.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $rows AS row
MATCH (:Visitor {tenant: $tenant, visitor_id: row.visitor_id})-[:MERGED_INTO*0..8]->(survivor:Visitor)
WHERE NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
MATCH (survivor)<-[:MERGED_INTO*0..8]-(visitor:Visitor)-[forbids:CANNOT_LINK]->(user:User)
WHERE user.user_id = row.user_id
CREATE (visitor)-[closed:COULD_NOT_LINK]->(user)
SET
  closed = properties(forbids),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE forbids
