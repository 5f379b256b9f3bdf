// purpose: Move jars from a visitor into a new visitor, which is created if need be.
// access:  write
// params:  tenant STRING, visitor_id STRING, new_visitor_id STRING, rows LIST<MAP> {jar_id STRING}, evidence STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), Jar(tenant, jar_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MERGE (new_visitor:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
SET
  new_visitor.kind = visitor.kind,
  new_visitor.root_id = new_visitor.visitor_id,
  new_visitor.recent_users = [],
  new_visitor.last_closed_at = $at,
  new_visitor._lock = true
WITH visitor, new_visitor
CALL (visitor, new_visitor) {
  // What an unfinished erasure looks for on the visitor may move with the jars.
  MATCH (erasure:Erasure)-[:ERASES]->(visitor)
  CREATE (erasure)-[:ERASES]->(new_visitor)
}
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})-[current:IN]->(visitor)
USING INDEX SEEK jar:Jar(tenant, jar_id)
CREATE (jar)-[closed:WAS_IN]->(visitor)
SET
  closed = properties(current),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE current
CREATE (jar)-[:IN {
  method: 'split',
  confidence: 1.0,
  evidence: $evidence,
  since: $at,
  change_id: $change_id
}]->(new_visitor)
