// purpose: Lock the jar of the session, then its visitor and those of the tenures above, to which a claim is carried.
// access:  write
// params:  tenant STRING, session_id STRING
// returns: nothing
// index:   Session(tenant, session_id)
MATCH (:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(:Tenure)-[:ON]->(jar:Jar)
// A second login puts a new tenure on the jar, and every act locks jars before visitors.
SET jar._lock = true
WITH jar
MATCH (jar)<-[:ON]-(:Tenure)-[:TIED_TO*0..8]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
