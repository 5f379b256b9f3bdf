// purpose: Close what a claim contradicts: inferences of the tenures it settles, and of others about them, that lead to another user.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING, user_id STRING}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (top:Identity {tenant: $tenant, identity_id: row.tenure_id})
MATCH
  (top)
  ((above)<-[:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
  (tenure)
CALL (row, tenure) {
  MATCH (tenure)-[link:PROBABLY]->(other:Identity)
  WHERE
    (other:User AND other.user_id <> row.user_id) OR
    EXISTS { (other)-[:TIED_TO*0..8]->(:Tenure)-[:RESOLVES_TO]->(owner:User) WHERE owner.user_id <> row.user_id }
  RETURN link
  UNION
  MATCH (tenure)<-[link:PROBABLY]-(holder:Tenure)
  WHERE EXISTS {
    (holder)-[:TIED_TO*0..8]->(:Tenure)-[:RESOLVES_TO]->(owner:User)
    WHERE owner.user_id <> row.user_id
  }
  RETURN link
}
WITH DISTINCT link, startNode(link) AS holder, endNode(link) AS other
CREATE (holder)-[closed:WAS_PROBABLY]->(other)
SET
  closed = properties(link),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE link
