// purpose: Lock the jars of sessions, then the visitors that logins may change, with their survivors: the merge groups, the visitors
//          of the tenures above, and the neighbours over two hops that are nobody's.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, session_id STRING, from_ids LIST<STRING> NULL, weeks LIST<STRING>, crowd INTEGER, shared_by_max LIST<INTEGER>}, places_max INTEGER, unknown_browsers LIST<STRING>
// returns: i INTEGER, jar_id STRING, visitor_id STRING, near_ids LIST<STRING>, further_ids LIST<STRING>, locked_ids LIST<STRING>, started_at ZONED DATETIME
// index:   Session(tenant, session_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id), Identity(tenant, identity_id), BrowserAtIp(tenant, address, week, browser, os, device_class)
UNWIND $rows AS row
CALL (row) {
  // Two equal bounds, as in `visitor_there`: by `=`, the key of a session that an erasure has removed would be locked.
  MATCH (session:Session)
  USING INDEX SEEK session:Session(tenant, session_id)
  WHERE session.tenant = $tenant AND session.session_id >= row.session_id AND session.session_id <= row.session_id
  RETURN session
  LIMIT 1
}
MATCH (session)-[:DURING]->(:Tenure)-[:ON]->(jar:Jar)
WITH row, session, jar
ORDER BY jar.jar_id
// A second login puts a new tenure on the jar, and every act locks jars before visitors.
SET jar._lock = true
WITH collect(row) AS rows, collect(session) AS sessions, collect(jar) AS jars
UNWIND range(0, size(rows) - 1) AS number
WITH rows[number] AS row, sessions[number] AS session, jars[number] AS jar
MATCH (jar)-[:IN]->(own:Visitor)
// Here and in `identify/lock_users`, a place with more others than `shared_by_max` for its hop is too weak to carry a login on.
CALL (row, own) {
  UNWIND coalesce(row.from_ids, [own.visitor_id]) AS from_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: from_id})
  // part: seen_beside
  WHERE shared_by <= row.shared_by_max[0]
  UNWIND present AS found
  WITH DISTINCT found.visitor AS visitor
  WHERE
    // part: has_no_user
  RETURN collect(visitor.visitor_id) AS near_ids
}
CALL (row, near_ids) {
  UNWIND CASE WHEN size(row.shared_by_max) > 1 THEN near_ids ELSE [] END AS near_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: near_id})
  // part: seen_beside
  WHERE shared_by <= row.shared_by_max[1]
  UNWIND present AS found
  WITH DISTINCT near_ids, found.visitor AS visitor
  WHERE
    NOT visitor.visitor_id IN near_ids AND
    // part: has_no_user
  RETURN collect(visitor.visitor_id) AS further_ids
}
CALL (jar, own, near_ids, further_ids) {
  // A claim is carried to the tenures above.
  MATCH (jar)<-[:ON]-(:Tenure)-[:TIED_TO*0..8]->(upper:Tenure)
  // A second MATCH, since one pattern does not walk the same relationship twice: a tenure without a tie would lead to no
  // visitor.
  MATCH (upper)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
  RETURN visitor AS found
  UNION
  MATCH (visitor:Visitor {tenant: $tenant, root_id: own.root_id})
  RETURN visitor AS found
  UNION
  UNWIND near_ids + further_ids AS neighbour_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: neighbour_id})
  RETURN visitor AS found
}
WITH row, session, jar, own, near_ids, further_ids, collect(DISTINCT found) AS found
WITH
  collect({
    i: row.i,
    jar_id: jar.jar_id,
    visitor_id: own.visitor_id,
    near_ids: near_ids,
    further_ids: further_ids,
    started_at: session.started_at
  }) AS logins,
  collect(found) AS visitors_of
CALL (visitors_of) {
  UNWIND visitors_of AS found
  UNWIND found AS visitor
  WITH collect(DISTINCT visitor) AS found
  // part: locked_visitors
  RETURN locked_ids
}
UNWIND range(0, size(logins) - 1) AS number
WITH logins[number] AS found, visitors_of[number] AS visitors, locked_ids
CALL (visitors, locked_ids) {
  // With the survivors, so that two logins meet at the merge group that both would change.
  UNWIND visitors AS visitor
  UNWIND [visitor.visitor_id, visitor.root_id] AS own_id
  WITH DISTINCT own_id
  WHERE own_id IN locked_ids
  RETURN collect(own_id) AS own_ids
}
RETURN
  found.i AS i,
  found.jar_id AS jar_id,
  found.visitor_id AS visitor_id,
  found.near_ids AS near_ids,
  found.further_ids AS further_ids,
  own_ids AS locked_ids,
  found.started_at AS started_at
