// purpose: Draw one identity: its tenures, jars and visitors, with their fingerprints and addresses.
// access:  read
// params:  tenant STRING, who STRING, confidence_min FLOAT, limit INTEGER
// returns: way PATH
// index:   User(tenant, user_id), User(tenant, linked_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          who: A user id, an identity id or a visitor id. The query takes the identity that the id belongs to now.
//          confidence_min = 0.5: The lowest confidence to include, 0–1.
//          limit = 100: The most paths to return.
// paste:   :params {tenant: 'demo', who: 'anna', confidence_min: 0.5, limit: 100}
// example: | way                                                                                                                                                                              |
//          |----------------------------------------------------------------------------------------------------------------------------------------------------------------------------------|
//          | (User anna)<-[RESOLVES_TO adopted 0.89]-(Tenure ten_…acf15b)-[ON]->(Jar jar_…3cd05d)-[IN new 1.00]->(Visitor vis_…df8377)                                                        |
//          | (User anna)<-[RESOLVES_TO claim 1.00]-(Tenure ten_…f468e8)-[ON]->(Jar jar_…d29ea8)-[IN fingerprint 0.89]->(Visitor vis_…df8377)                                                  |
//          | (User anna)<-[RESOLVES_TO claim 1.00]-(Tenure ten_…d6ff6a)-[ON]->(Jar jar_…3671c5)-[IN new 1.00]->(Visitor vis_…960f75)                                                          |
//          | (User anna)<-[RESOLVES_TO claim 1.00]-(Tenure ten_…f468e8)<-[TIED_TO fingerprint 0.90]-(Tenure ten_…344e83)-[ON]->(Jar jar_…c87fbc)-[IN fingerprint 0.90]->(Visitor vis_…df8377) |
//          | (Visitor vis_…df8377)-[HAS_FINGERPRINT]->(Fingerprint laptop)                                                                                                                    |
//          | (Visitor vis_…960f75)-[HAS_FINGERPRINT]->(Fingerprint phone)                                                                                                                     |
//          | (Visitor vis_…df8377)-[SEEN_WITH]->(BrowserAtIp 2026-W10)-[AT]->(IpAddress 203.0.113.7)                                                                                          |
//          | (Visitor vis_…df8377)-[SEEN_WITH]->(BrowserAtIp 2026-W11)-[AT]->(IpAddress 203.0.113.8)                                                                                          |
//          | (Visitor vis_…df8377)-[SEEN_WITH]->(BrowserAtIp 2026-W12)-[AT]->(IpAddress 203.0.113.9)                                                                                          |
//          | (Visitor vis_…960f75)-[SEEN_WITH]->(BrowserAtIp 2026-W11)-[AT]->(IpAddress 198.51.100.9)                                                                                         |
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
  ((lower WHERE NOT EXISTS { (lower)-[:RESOLVES_TO]->() })-[up:TIED_TO]->(upper)){0,8}
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[:RESOLVES_TO]->(user:User)
WITH start, coalesce(user, nearest) AS identity
WHERE
  // Leave out a hidden identity, and an identity whose relationship with this visitor is hidden.
  identity.hidden IS NULL AND
  NOT EXISTS {
    MATCH (start)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
    // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
    MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
    USING INDEX SEEK root:Visitor(tenant, visitor_id)
    MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
    WHERE NOT identified.visible
  }
WITH DISTINCT identity
CALL (identity) {
  RETURN identity AS owner
  UNION
  MATCH (owner:User {tenant: $tenant, linked_id: identity.linked_id})
  USING INDEX SEEK owner:User(tenant, linked_id)
  RETURN owner
}
WITH *
WHERE owner.hidden IS NULL
WITH DISTINCT owner AS identity
MATCH belonging =
  (identity)
  (()<-[:RESOLVES_TO]-()){0,1}
  ((above)<-[tie:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
  ((other)<-[probably:PROBABLY]-(maybe WHERE NOT EXISTS { (maybe)-[:RESOLVES_TO]->() })){0,1}
  (:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WHERE
  all(link IN relationships(belonging) WHERE coalesce(link.confidence, 1.0) >= $confidence_min) AND
  all(
    tenure IN nodes(belonging)
    WHERE
      NOT EXISTS {
        MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
        // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
        MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
        USING INDEX SEEK root:Visitor(tenant, visitor_id)
        MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
        WHERE NOT identified.visible
      }
  )
CALL (maybe, probably, other) {
  UNWIND range(0, size(probably) - 1) AS i
  WITH maybe[i] AS start, probably[i] AS inferred, other[i] AS whom
  WITH start, inferred, whom, coalesce(inferred.via, []) AS between
  WITH inferred, whom, between, COLLECT {
    UNWIND [start.identity_id] + between AS told_id
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
  RETURN count(*) AS read
}
WITH identity, belonging, visitor, probably, read
WHERE read = size(probably)
CALL (identity, belonging, visitor) {
  MATCH way = (identity)-[:LINKED_TO]->(linked:User)
  WHERE linked.hidden IS NULL
  RETURN way, 0 AS step
  UNION
  RETURN belonging AS way, 1 AS step
  UNION
  MATCH way = (visitor)-[:HAS_FINGERPRINT]->(:Fingerprint)
  RETURN way, 2 AS step
  UNION
  MATCH way = (visitor)-[:SEEN_WITH]->(:BrowserAtIp)-[:AT]->(:IpAddress)
  RETURN way, 3 AS step
}
WITH DISTINCT way, step
ORDER BY
  step,
  length(way),
  [node IN nodes(way) | coalesce(node.identity_id, node.visitor_id, node.hash, node.week, node.address, '')]
RETURN way
LIMIT toInteger($limit)
