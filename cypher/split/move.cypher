// purpose: Put jars of a visitor into a new one.
// access:  write
// params:  tenant STRING, visitor_id STRING, new_visitor_id STRING, rows LIST<MAP> {jar_id STRING}, evidence STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), Jar(tenant, jar_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MERGE (fresh:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
SET
  fresh.kind = visitor.kind,
  fresh.root_id = fresh.visitor_id,
  fresh.recent_users = [],
  fresh.last_closed_at = $at,
  fresh._lock = true
WITH visitor, fresh
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})-[inside:IN]->(visitor)
USING INDEX jar:Jar(tenant, jar_id)
CREATE (jar)-[was:WAS_IN]->(visitor)
SET
  was = properties(inside),
  was.until = $at,
  was.closed_by = $change_id
DELETE inside
CREATE (jar)-[:IN {
  method: 'split',
  confidence: 1.0,
  evidence: $evidence,
  since: $at,
  change_id: $change_id
}]->(fresh)
