// purpose: Those of the identities that a tenure or user could belong to of which reads must not say so, also where a hidden
//          relationship was closed after a time; and whether a tenure is a hidden user's now.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING, owner_ids LIST<STRING>}, at ZONED DATETIME
// returns: i INTEGER, hidden_ids LIST<STRING>, is_hidden BOOLEAN
// index:   Identity(tenant, identity_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
WITH row, start, row.owner_ids AS owner_ids
// part: hidden_owners
CALL (start, owner_ids) {
  MATCH (start)-[:ON]->(:Jar)-[:IN]->(used:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[closed:WAS_IDENTIFIED_AS]->(owner:User)
  WHERE NOT closed.visible AND closed.until >= $at AND owner.identity_id IN owner_ids
  RETURN collect(DISTINCT owner.identity_id) AS were_hidden
}
RETURN
  row.i AS i,
  hidden_ids + were_hidden AS hidden_ids,
  // part: is_hidden_now(tenure: start)
  AS is_hidden
