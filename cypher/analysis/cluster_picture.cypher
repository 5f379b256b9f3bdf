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
// part: identity_of
MATCH belonging =
  (identity)
  (()<-[:RESOLVES_TO]-()){0,1}
  // part: downwards
  ((other)<-[probably:PROBABLY]-(maybe WHERE NOT EXISTS { (maybe)-[:RESOLVES_TO]->() })){0,1}
  (:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WHERE
  all(link IN relationships(belonging) WHERE coalesce(link.confidence, 1.0) >= $confidence_min) AND
  all(
    tenure IN nodes(belonging)
    WHERE
      // part: is_visible_there
  )
CALL (maybe, probably, other) {
  UNWIND range(0, size(probably) - 1) AS i
  WITH maybe[i] AS start, probably[i] AS inferred, other[i] AS whom
  // part: no_cannot_link
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
