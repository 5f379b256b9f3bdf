// purpose: The open candidates that these visitors are the first of.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: one_id STRING, other_id STRING
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (one:Visitor {tenant: $tenant, visitor_id: visitor_id})-[candidate:MAY_BE]->(other:Visitor)
WHERE candidate.state = 'open'
RETURN one.visitor_id AS one_id, other.visitor_id AS other_id
