// purpose: Draw why two are one: the way of each up to its identity, the inference that leads on, and the links of users.
// access:  read
// params:  tenant STRING, a STRING, b STRING, confidence_min FLOAT, limit INTEGER
// returns: way PATH
// index:   User(tenant, user_id), User(tenant, linked_id), Identity(tenant, identity_id), Session(tenant, session_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          a: A user id, an identity id, a session id or a visitor id.
//          b: The same of the other. Where the ways of the two meet, they are one.
//          confidence_min = 0.5: The lowest confidence of an inference to follow, 0–1.
//          limit = 100: The most paths to return.
// paste:   :params {tenant: 'demo', a: 'dee', b: 'dee@work', confidence_min: 0.5, limit: 100}
// example: | way                                     |
//          |-----------------------------------------|
//          | (User dee@work)-[LINKED_TO]->(User dee) |
UNWIND [$a, $b] AS who
CALL (who) {
  MATCH (start:User {tenant: $tenant, user_id: who})
  RETURN start
  UNION
  MATCH (start:Identity {tenant: $tenant, identity_id: who})
  RETURN start
  UNION
  MATCH (:Session {tenant: $tenant, session_id: who})-[:DURING]->(start:Tenure)
  RETURN start
  UNION
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: who})
  MATCH (start:Identity {tenant: $tenant, identity_id: visitor.latest_tenure_id})
  RETURN start
}
WITH DISTINCT start
MATCH certain =
  (start)
  // part: upwards
  ()-[:RESOLVES_TO]->{0,1}(identity)
WHERE NOT EXISTS { (identity)-[:RESOLVES_TO|TIED_TO]->() }
CALL (start, identity, certain) {
  WITH start AS tenure, identity, certain
  WHERE
    identity.hidden IS NULL AND
    // part: is_visible_there
  RETURN certain AS way, identity AS owner
  UNION
  WITH start AS tenure, identity
  WHERE identity:Tenure
  // part: strongest_inference
  MATCH (tenure)-[:TIED_TO*0..8]->(source)
  MATCH way =
    (source)-[probably:PROBABLY]->(whom)
    // part: upwards(below: lower, tie: up, above: upper)
    ()-[:RESOLVES_TO]->{0,1}(led)
  WHERE
    probably = strongest AND
    probably.confidence >= $confidence_min AND
    NOT EXISTS { (led)-[:RESOLVES_TO|TIED_TO]->() } AND
    led.hidden IS NULL AND
    // part: is_visible_there(identity: led)
  RETURN way, led AS owner
}
CALL (start, way, owner) {
  MATCH drawn = (start)-[:ON]->(:Jar)-[:IN]->(:Visitor)
  RETURN drawn, 1 AS step
  UNION
  RETURN way AS drawn, 2 AS step
  UNION
  MATCH (member:User {tenant: $tenant, linked_id: owner.linked_id})
  USING INDEX SEEK member:User(tenant, linked_id)
  MATCH drawn = (member)-[:LINKED_TO]->(other:User)
  WHERE member.hidden IS NULL AND other.hidden IS NULL
  RETURN drawn, 3 AS step
}
WITH DISTINCT drawn, step
WHERE length(drawn) > 0
ORDER BY step, length(drawn), [node IN nodes(drawn) | coalesce(node.identity_id, node.visitor_id, node.jar_id, '')]
RETURN drawn AS way
LIMIT toInteger($limit)
