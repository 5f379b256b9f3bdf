// purpose: Resolve each tenure or user to the nearest user up its ties, else to the top tenure, with the inferences that may be
//          read.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING}
// returns: i INTEGER, identity_id STRING, user_id STRING NULL, method STRING, confidence FLOAT, probable LIST<MAP>
// index:   Identity(tenant, identity_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
MATCH
  (start)
  // part: upwards(tie: ties)
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[resolves:RESOLVES_TO]->(user:User)
CALL (start, nearest, resolves) {
  UNWIND CASE WHEN resolves IS NOT NULL THEN [] WHEN start = nearest THEN [start] ELSE [start, nearest] END AS holder
  MATCH (holder)-[inferred:PROBABLY]->(whom:Identity)
  // part: no_cannot_link
  RETURN collect(inferred {.confidence, .since, .last_seen, identity_id: whom.identity_id}) AS probable
}
RETURN
  row.i AS i,
  coalesce(user.identity_id, nearest.identity_id) AS identity_id,
  coalesce(user.user_id, nearest.user_id) AS user_id,
  CASE
    WHEN resolves IS NULL THEN 'own'
    WHEN size(ties) = 0 THEN resolves.method
    ELSE 'tied'
  END AS method,
  reduce(
    least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
    tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END
  ) AS confidence,
  probable
