// purpose: Who each identity is: the nearest user upwards through its ties, else the top of them, and whom it probably is.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING}
// returns: i INTEGER, identity_id STRING, user_id STRING NULL, method STRING, confidence FLOAT, probable LIST<MAP>
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
MATCH
  (start)
  ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[tie:TIED_TO]->(above)){0,8}
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[resolves:RESOLVES_TO]->(user:User)
CALL (start, nearest, resolves) {
  UNWIND CASE WHEN resolves IS NOT NULL THEN [] WHEN start = nearest THEN [start] ELSE [start, nearest] END AS holder
  MATCH (holder)-[probably:PROBABLY]->(other:Identity)
  RETURN collect(probably {.confidence, .since, .last_seen, identity_id: other.identity_id}) AS probable
}
RETURN
  row.i AS i,
  coalesce(user.identity_id, nearest.identity_id) AS identity_id,
  coalesce(user.user_id, nearest.user_id) AS user_id,
  CASE
    WHEN resolves IS NULL THEN 'own'
    WHEN size(tie) = 0 THEN resolves.method
    ELSE 'tied'
  END AS method,
  reduce(
    least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
    one IN tie | CASE WHEN one.confidence < least THEN one.confidence ELSE least END
  ) AS confidence,
  probable
