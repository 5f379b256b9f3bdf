// purpose: The next visitor that is listed for an erasure of a user, because it held something of the user.
// access:  read
// params:  tenant STRING, erasure_id STRING
// returns: visitor_id STRING
// index:   Erasure(tenant, erasure_id)
MATCH (:Erasure {tenant: $tenant, erasure_id: $erasure_id})-[:ERASES]->(visitor:Visitor)
RETURN visitor.visitor_id AS visitor_id
LIMIT 1
