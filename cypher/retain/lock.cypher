// purpose: Lock the jars of sessions, and return their visitors.
// access:  write
// params:  tenant STRING, session_ids LIST<STRING>
// returns: jar_id STRING, visitor_id STRING
// index:   Session(tenant, session_id)
UNWIND $session_ids AS session_id
MATCH (:Session {tenant: $tenant, session_id: session_id})-[:DURING]->(:Tenure)-[:ON]->(jar:Jar)
WITH DISTINCT jar
ORDER BY jar.jar_id
SET jar._lock = true
WITH collect(jar) AS jars
UNWIND jars AS jar
MATCH (jar)-[:IN]->(visitor:Visitor)
RETURN jar.jar_id AS jar_id, visitor.visitor_id AS visitor_id
