// purpose: Lock the visitor each jar is in, or else those with the fingerprint where they are one, and those they were merged into.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, fingerprint STRING NULL, fingerprint_crowd INTEGER}
// returns: visitor_id STRING
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
OPTIONAL MATCH (jar)-[:IN]->(own:Visitor)
OPTIONAL MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
WITH row, own, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
OPTIONAL MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(owner:Visitor)
WHERE
  own IS NULL AND
  COUNT {
    MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(:Visitor)-[:MERGED_INTO*0..8]->(survivor:Visitor)
    WHERE visitors < row.fingerprint_crowd AND NOT EXISTS { (survivor)-[:MERGED_INTO]->() }
    RETURN DISTINCT survivor
    LIMIT 2
  } = 1
WITH DISTINCT coalesce(own, owner) AS found
WHERE found IS NOT NULL
MATCH (found)-[:MERGED_INTO*0..8]->(visitor:Visitor)
WITH DISTINCT visitor
ORDER BY visitor.visitor_id
SET visitor._lock = true
RETURN visitor.visitor_id AS visitor_id
