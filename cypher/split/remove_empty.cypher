// purpose: Remove those of these visitors that have nothing and are merged with none: an erasure took all that they had.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
WHERE
  NOT EXISTS { (visitor)<-[:IN|WAS_IN]-() } AND
  NOT EXISTS { (visitor)-[:MERGED_INTO]-() } AND
  NOT EXISTS { (visitor)-[:IDENTIFIED_AS]->() }
// part: outdated_cluster(member: visitor)
DETACH DELETE visitor
