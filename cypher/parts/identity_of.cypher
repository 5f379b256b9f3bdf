// purpose: The identity that an id ($who) of a user, a tenure or a visitor belongs to now, unless reads leave it out as hidden.
CALL () {
  MATCH (start:User {tenant: $tenant, user_id: $who})
  RETURN start
  UNION
  MATCH (start:Identity {tenant: $tenant, identity_id: $who})
  RETURN start
  UNION
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $who})
  MATCH (start:Identity {tenant: $tenant, identity_id: visitor.latest_tenure_id})
  RETURN start
}
MATCH
  (start)
  // part: upwards(below: lower, tie: up, above: upper)
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[:RESOLVES_TO]->(user:User)
WITH start, coalesce(user, nearest) AS identity
WHERE
  // Leave out a hidden identity, and an identity whose relationship with this visitor is hidden.
  identity.hidden IS NULL AND
  // part: is_visible_there(tenure: start)
WITH DISTINCT identity
// part: with_linked
WITH DISTINCT owner AS identity
