// purpose: Set on relationships whether a caller hid them, and whether reads include them.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING, hidden BOOLEAN NULL, visible BOOLEAN}
// returns: nothing
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
MATCH (visitor:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
SET
  identified.hidden = row.hidden,
  identified.visible = row.visible
WITH visitor
// part: outdated_cluster(member: visitor)
