// purpose: Lock the visitor that each jar is in, else the visitors that have the fingerprint if they are one merge group; and the
//          survivors of these.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, fingerprint STRING NULL, fingerprint_crowd INTEGER}
// returns: visitor_id STRING
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash), Visitor(tenant, visitor_id)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
OPTIONAL MATCH (jar)-[:IN]->(own:Visitor)
OPTIONAL MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
WITH row, own, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
OPTIONAL MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(owner:Visitor)
WHERE
  own IS NULL AND
  // part: has_one_merge_group(crowd: row.fingerprint_crowd)
WITH coalesce(own, owner) AS found
WHERE found IS NOT NULL
UNWIND [found.visitor_id, found.root_id] AS visitor_id
WITH DISTINCT visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
WITH visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN visitor.visitor_id AS visitor_id
