// purpose: Lock the visitor of the session and those of the tenures above it, to which a claim is carried.
// access:  write
// params:  tenant STRING, session_id STRING
// returns: nothing
// index:   Session(tenant, session_id)
MATCH (:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(sent:Tenure)-[:ON]->(jar:Jar)
MATCH (jar)<-[:ON]-(:Tenure)-[:TIED_TO*0..8]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
