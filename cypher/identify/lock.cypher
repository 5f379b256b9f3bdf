// purpose: Lock a session's jar, then the visitors that a login may change, with their survivors: the merge group, the visitors
//          of the tenures above, and neighbours.
// access:  write
// params:  tenant STRING, session_id STRING, neighbour_ids LIST<STRING>
// returns: jar_id STRING, visitor_id STRING
// index:   Session(tenant, session_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(:Tenure)-[:ON]->(jar:Jar)
// A second login puts a new tenure on the jar, and every act locks jars before visitors.
SET jar._lock = true
WITH jar
CALL (jar) {
  // A claim is carried to the tenures above.
  MATCH (jar)<-[:ON]-(:Tenure)-[:TIED_TO*0..8]->(upper:Tenure)
  // A second MATCH, since one pattern does not walk the same relationship twice: a tenure without a tie would lead to no
  // visitor.
  MATCH (upper)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
  RETURN visitor AS found
  UNION
  MATCH (jar)-[:IN]->(own:Visitor)
  MATCH (visitor:Visitor {tenant: $tenant, root_id: own.root_id})
  RETURN visitor AS found
  UNION
  UNWIND $neighbour_ids AS neighbour_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: neighbour_id})
  RETURN visitor AS found
}
UNWIND [found.visitor_id, found.root_id] AS visitor_id
WITH DISTINCT jar, visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
WITH jar, visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN jar.jar_id AS jar_id, visitor.visitor_id AS visitor_id
