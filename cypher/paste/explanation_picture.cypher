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
  ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[tie:TIED_TO]->(above)){0,8}
  ()-[:RESOLVES_TO]->{0,1}(identity)
WHERE NOT EXISTS { (identity)-[:RESOLVES_TO|TIED_TO]->() }
CALL (start, identity, certain) {
  WITH start AS tenure, identity, certain
  WHERE
    identity.hidden IS NULL AND
    NOT EXISTS {
      MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
      // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
      MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
      USING INDEX SEEK root:Visitor(tenant, visitor_id)
      MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
      WHERE NOT identified.visible
    }
  RETURN certain AS way, identity AS owner
  UNION
  WITH start AS tenure, identity
  WHERE identity:Tenure
  CALL (tenure) {
    // The tenure's own inferences, and those of the top of its ties.
    MATCH (tenure)-[:TIED_TO*0..8]->(holder)-[inferred:PROBABLY]->(whom:Identity)
    WHERE holder = tenure OR NOT EXISTS { (holder)-[:TIED_TO]->() }
    WITH tenure, inferred, whom, coalesce(inferred.via, []) AS between
    WITH inferred, whom, between, COLLECT {
      UNWIND [tenure.identity_id] + between AS told_id
      MATCH (:Identity {tenant: $tenant, identity_id: told_id})-[:TIED_TO*0..8]->(upper)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
      // By itself the id is sought. Beside `used`, Neo4j plans on a new graph to look at all visitors of the tenant.
      WITH upper, used.root_id AS root_id
      MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
      WITH upper, collect(member) AS members
      UNWIND [upper] + members AS told
      WITH DISTINCT told
      // The degree first: hardly anybody has one.
      WHERE EXISTS { (told)-[:CANNOT_LINK]-() }
      MATCH (told)-[:CANNOT_LINK]-(apart)
      RETURN DISTINCT apart
    } AS apart_from
    WHERE
      // Nobody on this side is cannot-linked to what the other identity follows, or to its user…
      NOT EXISTS {
        UNWIND apart_from AS apart
        MATCH
          (apart)
          ((under WHERE NOT EXISTS { (under)-[:RESOLVES_TO]->() })-[way:TIED_TO]->(over)){0,8}
          ()-[:RESOLVES_TO]->{0,1}(whose)
        WHERE whose IN COLLECT {
          MATCH
            (whom)
            ((beside WHERE NOT EXISTS { (beside)-[:RESOLVES_TO]->() })-[path:TIED_TO]->(beyond)){0,8}
            ()-[:RESOLVES_TO]->{0,1}(led_to)
          RETURN led_to
        }
        RETURN apart
      } AND
      // …and at least one source, the other identity or a login that was carried on, is reached without crossing one.
      EXISTS {
        UNWIND coalesce(inferred.claims, [whom.identity_id]) AS source
        WITH source
        WHERE NOT EXISTS {
          UNWIND apart_from AS apart
          UNWIND between + source AS passed_id
          MATCH (:Identity {tenant: $tenant, identity_id: passed_id})-[:ON]->(:Jar)-[:IN]->(seen_on:Visitor)
          WHERE seen_on.root_id = apart.root_id
          RETURN seen_on
        }
        RETURN source
      }
    RETURN inferred AS strongest
    ORDER BY inferred.confidence DESC, inferred.last_seen DESC, whom.identity_id
    LIMIT 1
  }
  MATCH (tenure)-[:TIED_TO*0..8]->(source)
  MATCH way =
    (source)-[probably:PROBABLY]->(whom)
    ((lower WHERE NOT EXISTS { (lower)-[:RESOLVES_TO]->() })-[up:TIED_TO]->(upper)){0,8}
    ()-[:RESOLVES_TO]->{0,1}(led)
  WHERE
    probably = strongest AND
    probably.confidence >= $confidence_min AND
    NOT EXISTS { (led)-[:RESOLVES_TO|TIED_TO]->() } AND
    led.hidden IS NULL AND
    NOT EXISTS {
      MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
      // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
      MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
      USING INDEX SEEK root:Visitor(tenant, visitor_id)
      MATCH (root)-[identified:IDENTIFIED_AS]->(led)
      WHERE NOT identified.visible
    }
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
