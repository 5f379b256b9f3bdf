// purpose: Whose a tenure or user (start) is by facts alone: the nearest user up its ties, else the top tenure.
MATCH
  (start)
  // part: upwards(tie: ties)
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[resolves:RESOLVES_TO]->(user:User)
WITH
  *,
  coalesce(user.identity_id, nearest.identity_id) AS certain_id,
  coalesce(user.linked_id, nearest.linked_id) AS linked_id,
  reduce(
    least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
    tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END
  ) AS certainty
