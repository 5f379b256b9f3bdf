// purpose: Take a visitor from the list of an erasure.
// access:  write
// params:  tenant STRING, erasure_id STRING, visitor_id STRING
// returns: nothing
// index:   Erasure(tenant, erasure_id)
MATCH (:Erasure {tenant: $tenant, erasure_id: $erasure_id})-[listed:ERASES]->(visitor:Visitor)
WHERE visitor.visitor_id = $visitor_id
DELETE listed
