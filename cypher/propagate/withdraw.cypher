// purpose: Close the inferences that a claim contradicts: those of the tenures it decides, those that lead to these tenures, and
//          those carried on through them.
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
  MATCH (tenure)-[inference:PROBABLY]->(owner:User)
  WHERE owner.user_id <> row.user_id
  RETURN inference, owner
  UNION
  MATCH (tenure)-[inference:PROBABLY]->(identity:Tenure)
  // The inferred tenure belongs to the nearest user upwards, and to no user beyond.
  MATCH
    (identity)
    // part: upwards(below: following, tie: way, above: followed)
    (nearest)-[:RESOLVES_TO]->(owner:User)
  WHERE owner.user_id <> row.user_id
  RETURN inference, owner
  UNION
  MATCH (tenure)<-[inference:PROBABLY]-(holder:Tenure)
  MATCH
    (holder)
    // part: upwards(below: following, tie: way, above: followed)
    (nearest)-[:RESOLVES_TO]->(owner:User)
  WHERE owner.user_id <> row.user_id
  RETURN inference, null AS owner
}
CALL (tenure, inference, owner) {
  RETURN inference AS contradicted
  UNION
  // The inferences by which the owner's login was carried on through this tenure.
  MATCH (owner)<-[beyond:PROBABLY]-(:Tenure)
  WHERE tenure.identity_id IN beyond.via
  RETURN beyond AS contradicted
}
WITH DISTINCT contradicted, startNode(contradicted) AS holder, endNode(contradicted) AS identity
CREATE (holder)-[closed:WAS_PROBABLY]->(identity)
// part: close(open: contradicted)
