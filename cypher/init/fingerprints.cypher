// purpose: Count each visitor's use of a fingerprint, under the visitor's lock so that two visits make one edge.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {visitor_id STRING, fingerprint STRING, weight FLOAT, browser STRING NULL, os STRING NULL, at ZONED DATETIME}
// returns: nothing
// index:   Visitor(tenant, visitor_id), Fingerprint(tenant, hash)
UNWIND $rows AS row
WITH row
ORDER BY row.fingerprint, row.visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
// A split took this fingerprint out of the visitor.
WHERE NOT EXISTS { (visitor)-[:CANNOT_LINK]->(fingerprint) }
OPTIONAL MATCH (visitor)-[has:HAS_FINGERPRINT]->(fingerprint)
FOREACH (_ IN CASE WHEN has IS NULL THEN [1] ELSE [] END |
  CREATE (visitor)-[:HAS_FINGERPRINT {
    weight: row.weight,
    count: 1,
    first_seen: row.at,
    last_seen: row.at,
    browser: row.browser,
    os: row.os
  }]->(fingerprint)
)
FOREACH (seen IN CASE WHEN has IS NULL THEN [] ELSE [has] END |
  SET
    seen.weight = row.weight,
    seen.count = seen.count + 1,
    seen.browser = row.browser,
    seen.os = row.os,
    seen.first_seen = CASE WHEN seen.first_seen < row.at THEN seen.first_seen ELSE row.at END,
    seen.last_seen = CASE WHEN seen.last_seen > row.at THEN seen.last_seen ELSE row.at END
)
