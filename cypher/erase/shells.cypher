// purpose: Remove the next tenures of an erasure during which nothing is left.
// access:  write
// params:  tenant STRING, erasure_id STRING, limit INTEGER
// returns: count INTEGER
// index:   Erasure(tenant, erasure_id)
MATCH (:Erasure {tenant: $tenant, erasure_id: $erasure_id})-[:ERASES]->(tenure:Erased)
WHERE NOT EXISTS { (tenure)<-[:DURING]-() }
WITH tenure
LIMIT $limit
DETACH DELETE tenure
RETURN count(*) AS count
