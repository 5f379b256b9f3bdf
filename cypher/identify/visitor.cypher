// purpose: The visitor that a session's jar is in.
// access:  read
// params:  tenant STRING, session_id STRING
// returns: visitor_id STRING
// index:   Session(tenant, session_id)
MATCH (:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
RETURN visitor.visitor_id AS visitor_id
