// purpose: Close what a claim contradicts: inferences of the tenures it settles, of others about them, and of others by way of them.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {tenure_id STRING, user_id STRING}, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (top:Identity {tenant: $tenant, identity_id: row.tenure_id})
MATCH
  (top)
  // part: downwards
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
    // part: upwards(below: following, tie: way, above: followed)
    (nearest)-[:RESOLVES_TO]->(owner:User)
  WHERE owner.user_id <> row.user_id
  RETURN link, owner
  UNION
  MATCH (tenure)<-[link:PROBABLY]-(holder:Tenure)
  MATCH
    (holder)
    // part: upwards(below: following, tie: way, above: followed)
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
// part: close(open: contradicted)
