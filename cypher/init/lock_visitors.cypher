// purpose: Lock the visitor each jar is in, or else the only one with the fingerprint, and those it was merged into.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, fingerprint STRING NULL}
// returns: visitor_id STRING
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
OPTIONAL MATCH (jar)-[:IN]->(own:Visitor)
OPTIONAL MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
WHERE own IS NULL AND COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } = 1
OPTIONAL MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(owner:Visitor)
WITH DISTINCT coalesce(own, owner) AS found
WHERE found IS NOT NULL
MATCH (found)-[:MERGED_INTO*0..8]->(visitor:Visitor)
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN visitor.visitor_id AS visitor_id
