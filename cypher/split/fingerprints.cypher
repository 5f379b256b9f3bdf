// purpose: Draw the fingerprints of a new visitor from its sessions, and close those that the one it comes from has none with any more.
// access:  write
// params:  tenant STRING, visitor_id STRING, new_visitor_id STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), Fingerprint(tenant, hash)
MATCH (fresh:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
CALL (fresh) {
  MATCH (fresh)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  WHERE visit.fingerprint IS NOT NULL
  WITH visit
  ORDER BY visit.started_at
  RETURN visit.fingerprint AS hash, collect(visit) AS visits
}
MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: hash})
CREATE (fresh)-[:HAS_FINGERPRINT {
  weight: 1.0,
  count: size(visits),
  first_seen: visits[0].started_at,
  last_seen: visits[-1].started_at,
  browser: visits[-1].browser,
  os: visits[-1].os
}]->(fingerprint)
WITH visitor, fingerprint
CALL (visitor, fingerprint) {
  MATCH (visitor)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(left)
  RETURN count(CASE WHEN left.fingerprint = fingerprint.hash THEN 1 END) AS remaining
}
WITH visitor, fingerprint
WHERE remaining = 0
MATCH (visitor)-[has:HAS_FINGERPRINT]->(fingerprint)
CREATE (visitor)-[closed:HAD_FINGERPRINT]->(fingerprint)
SET
  closed = properties(has),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE has
