// purpose: Close what a claim contradicts: inferences of the tenures it settles, of others about them, and of others by way of them.
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
  MATCH (tenure)-[link:PROBABLY]->(owner:User)
  WHERE owner.user_id <> row.user_id
  RETURN link, owner
  UNION
  MATCH (tenure)-[link:PROBABLY]->(other:Tenure)
  // Whose the other is: the nearest user upwards, and nobody's beyond that.
  MATCH
    (other)
    ((following WHERE NOT EXISTS { (following)-[:RESOLVES_TO]->() })-[:TIED_TO]->(followed)){0,8}
    (nearest)-[:RESOLVES_TO]->(owner:User)
  WHERE owner.user_id <> row.user_id
  RETURN link, owner
  UNION
  MATCH (tenure)<-[link:PROBABLY]-(holder:Tenure)
  MATCH
    (holder)
    ((following WHERE NOT EXISTS { (following)-[:RESOLVES_TO]->() })-[:TIED_TO]->(followed)){0,8}
    (nearest)-[:RESOLVES_TO]->(owner:User)
  WHERE owner.user_id <> row.user_id
  RETURN link, null AS owner
}
CALL (tenure, link, owner) {
  RETURN link AS contradicted
  UNION
  // Where the login went on from here to others.
  MATCH (owner)<-[beyond:PROBABLY]-(:Tenure)
  WHERE tenure.identity_id IN beyond.via
  RETURN beyond AS contradicted
}
WITH DISTINCT contradicted, startNode(contradicted) AS holder, endNode(contradicted) AS other
CREATE (holder)-[closed:WAS_PROBABLY]->(other)
SET
  closed = properties(contradicted),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE contradicted
