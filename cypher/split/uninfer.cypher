// purpose: Close the inferences between tenures of a new visitor and of the visitors that its jars left: each was about two jars of
//          one browser.
// access:  write
// params:  tenant STRING, new_visitor_id STRING, visitor_ids LIST<STRING>, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id)
MATCH (:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
MATCH (tenure)-[inference:PROBABLY]-(other:Tenure)-[:ON]->(:Jar)-[:IN]->(left:Visitor)
WHERE inference.method IN ['fingerprint', 'fuzzy_fingerprint'] AND left.visitor_id IN $visitor_ids
WITH DISTINCT inference, startNode(inference) AS holder, endNode(inference) AS identity
CREATE (holder)-[closed:WAS_PROBABLY]->(identity)
// part: close(open: inference, at: $at, change_id: $change_id)
