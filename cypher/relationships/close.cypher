// purpose: Close relationships as `WAS_IDENTIFIED_AS`, each with the time and the change that closed it.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING, at ZONED DATETIME}, change_id STRING
// returns: nothing
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
MATCH (visitor:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(user:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
CREATE (visitor)-[closed:WAS_IDENTIFIED_AS]->(user)
SET
  closed = properties(identified),
  closed.until = row.at,
  closed.closed_by = $change_id
DELETE identified
