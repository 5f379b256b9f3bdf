// purpose: What a tenure or user (start) resolves to: the nearest user up its ties, else the top tenure, with the inferences that
//          may be read (resolved).
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
  RETURN collect({
    identity_id: whom.identity_id,
    confidence: inferred.confidence,
    since: inferred.since.epochMillis,
    last_seen: inferred.last_seen.epochMillis
  }) AS probable
}
RETURN {
  identity_id: coalesce(user.identity_id, nearest.identity_id),
  user_id: coalesce(user.user_id, nearest.user_id),
  method: CASE
    WHEN resolves IS NULL THEN 'own'
    WHEN size(ties) = 0 THEN resolves.method
    ELSE 'tied'
  END,
  confidence: reduce(
    least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
    tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END
  ),
  probable: probable
} AS resolved
