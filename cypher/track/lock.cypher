// purpose: Lock the visitors of the sessions that events were sent for.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {session_id STRING}
// returns: nothing
// index:   Session(tenant, session_id)
UNWIND $rows AS row
MATCH (:Session {tenant: $tenant, session_id: row.session_id})-[:DURING]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
