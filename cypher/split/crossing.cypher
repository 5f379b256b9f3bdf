// purpose: Find the ties between tenures of the given visitors and tenures of other visitors.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: tenure_id STRING, above_id STRING, change_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
MATCH (tenure)-[tie:TIED_TO]-(other_tenure:Tenure)-[:ON]->(:Jar)-[:IN]->(other_visitor:Visitor)
WHERE NOT other_visitor.visitor_id IN $visitor_ids
RETURN DISTINCT
  startNode(tie).identity_id AS tenure_id,
  endNode(tie).identity_id AS above_id,
  tie.change_id AS change_id
ORDER BY tenure_id
