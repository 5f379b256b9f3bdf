// purpose: Delete relationships that only held the fold of merged visitors' records, once nothing is left to fold.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING}
// returns: nothing
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
DELETE identified
