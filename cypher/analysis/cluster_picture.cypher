// purpose: One identity as a picture: its tenures, jars and visitors, their fingerprints and where they were seen.
// access:  read
// params:  tenant STRING, who STRING, confidence_min FLOAT, limit INTEGER
// returns: way PATH
// index:   User(tenant, user_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id)
// given:   tenant = 'demo': Whose graph.
//          who: A user id, an identity id or a visitor id; whoever it belongs to now is meant.
//          confidence_min = 0.5: Leave out what is less surely theirs, 0–1.
//          limit = 100: At most so many ways.
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
  ((lower WHERE NOT EXISTS { (lower)-[:RESOLVES_TO]->() })-[:TIED_TO]->(upper)){0,8}
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[:RESOLVES_TO]->(user:User)
WITH start, coalesce(user, nearest) AS identity
WHERE
  // Nobody is told who is hidden, or that somebody hidden there was on a visitor.
  identity.hidden IS NULL AND
  NOT EXISTS {
    (start)-[:ON]->(:Jar)-[:IN]->(:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[identified:IDENTIFIED_AS]->(identity)
    WHERE NOT identified.visible
  }
WITH DISTINCT identity
MATCH belonging =
  (identity)
  (()<-[:RESOLVES_TO]-()){0,1}
  (()<-[:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
  ((other)<-[probably:PROBABLY]-(maybe WHERE NOT EXISTS { (maybe)-[:RESOLVES_TO]->() })){0,1}
  (:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WHERE
  all(link IN relationships(belonging) WHERE coalesce(link.confidence, 1.0) >= $confidence_min) AND
  none(
    tenure IN nodes(belonging)
    WHERE EXISTS {
      (tenure)-[:ON]->(:Jar)-[:IN]->(:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[identified:IDENTIFIED_AS]->(identity)
      WHERE NOT identified.visible
    }
  )
CALL (maybe, probably, other) {
  UNWIND range(0, size(probably) - 1) AS i
  WITH maybe[i] AS start, [[probably[i], other[i]]] AS links
  // What was said holds, before an inference or after it. Told: a tenure, one above it, a visitor that is one with its own…
  WITH links, COLLECT {
    MATCH (start)-[:TIED_TO|ON|IN|MERGED_INTO*0..19]->()<-[:MERGED_INTO*0..8]-(one)
    WITH DISTINCT one
    WHERE EXISTS { (one)-[:CANNOT_LINK]-() }
    RETURN one
  } AS told
  UNWIND links AS pair
  WITH pair[0] AS inferred, pair[1] AS whom, coalesce(pair[0].via, []) AS between, told
  WITH inferred, whom, between, told + COLLECT {
    // …or these of what it was carried on by.
    UNWIND between AS passed
    MATCH (:Identity {tenant: $tenant, identity_id: passed})-[:TIED_TO|ON|IN|MERGED_INTO*0..19]->()<-[:MERGED_INTO*0..8]-(one)
    WITH DISTINCT one
    WHERE EXISTS { (one)-[:CANNOT_LINK]-() }
    RETURN one
  } AS told
  WHERE
    // Not whom somebody said that one of these is not…
    NOT EXISTS {
      UNWIND told AS one
      MATCH
        (one)-[:CANNOT_LINK]-(apart)
        ((under WHERE NOT EXISTS { (under)-[:RESOLVES_TO]->() })-[:TIED_TO]->()){0,8}
        ()-[:RESOLVES_TO]->{0,1}(whose)
      WHERE whose IN COLLECT {
        MATCH
          (whom)
          ((beside WHERE NOT EXISTS { (beside)-[:RESOLVES_TO]->() })-[:TIED_TO]->()){0,8}
          ()-[:RESOLVES_TO]->{0,1}(led_to)
        RETURN led_to
      }
      RETURN apart
    } AND
    // …nor by way of visitors that are not one: whom it leads to, or every login that it was carried on from, and all between.
    EXISTS {
      UNWIND coalesce(inferred.claims, [whom.identity_id]) AS source
      WITH source
      WHERE NOT EXISTS {
        UNWIND told AS one
        MATCH (one)-[:CANNOT_LINK]-()-[:MERGED_INTO*0..8]->(apart)
        WHERE apart IN COLLECT {
          UNWIND between + source AS passed
          MATCH (:Identity {tenant: $tenant, identity_id: passed})-[:ON|IN|MERGED_INTO*2..10]->(seen_on)
          RETURN seen_on
        }
        RETURN apart
      }
      RETURN source
    }
  // So far what was said.
  RETURN count(*) AS read
}
WITH belonging, visitor, probably, read
WHERE read = size(probably)
CALL (belonging, visitor) {
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
