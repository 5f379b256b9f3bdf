// purpose: Set the ranks of relationships.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING, rank FLOAT}
// returns: nothing
// index:   IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: row.user_id, visitor_id: row.visitor_id}]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
SET identified.rank = row.rank
