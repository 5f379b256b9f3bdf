// purpose: Lock the visitors of the sessions that events were sent for, and return their ids.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {session_id STRING}
// returns: visitor_ids LIST<STRING>
// index:   Session(tenant, session_id)
UNWIND $rows AS row
MATCH (:Session {tenant: $tenant, session_id: row.session_id})-[:DURING]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN collect(visitor.visitor_id) AS visitor_ids
