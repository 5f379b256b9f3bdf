// purpose: The next visitor that held something of a user whose tenures an erasure has removed, and the visitors that its jars are
//          in now.
// access:  read
// params:  tenant STRING, erasure_id STRING
// returns: visitor_id STRING, visitor_ids LIST<STRING>
// index:   Erasure(tenant, erasure_id), User(tenant, user_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})
WHERE NOT EXISTS { (erasure)-[:ERASES]->(:Erased) }
// The user stays under this name until all its tenures are taken out.
OPTIONAL MATCH (user:User {tenant: $tenant, user_id: 'erased ' + $erasure_id})
WITH erasure, user
WHERE user IS NULL
MATCH (erasure)-[:ERASES]->(visitor:Visitor)
WITH visitor
LIMIT 1
RETURN
  visitor.visitor_id AS visitor_id,
  // A split may have moved its jars since then.
  COLLECT {
    MATCH (visitor)<-[:IN|WAS_IN]-(:Jar)-[:IN]->(holder:Visitor)
    RETURN DISTINCT holder.visitor_id AS visitor_id
    ORDER BY visitor_id
  } AS visitor_ids
