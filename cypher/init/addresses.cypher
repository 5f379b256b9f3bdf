// purpose: Count where each visitor was seen; nothing is written or locked on the shared address but the edge (docs/graph-model.md).
// access:  write
// params:  tenant STRING, rows LIST<MAP> {visitor_id STRING, address STRING, week STRING, browser STRING, os STRING, device_class STRING, weight FLOAT, at ZONED DATETIME}
// returns: nothing
// index:   Visitor(tenant, visitor_id), IpAddress(tenant, address), BrowserAtIp(tenant, address, week, browser, os, device_class)
UNWIND $rows AS row
WITH row
ORDER BY row.address
MERGE (:IpAddress {tenant: $tenant, address: row.address})
WITH collect(row) AS visits
UNWIND visits AS row
WITH row
ORDER BY row.address, row.week, row.browser, row.os, row.device_class, row.visitor_id
MERGE (seen:BrowserAtIp {
  tenant: $tenant,
  address: row.address,
  week: row.week,
  browser: row.browser,
  os: row.os,
  device_class: row.device_class
})
ON CREATE SET seen.is_new = true
WITH row, seen
MATCH (address:IpAddress {tenant: $tenant, address: row.address})
FOREACH (_ IN CASE WHEN seen.is_new THEN [1] ELSE [] END |
  CREATE (seen)-[:AT]->(address)
  REMOVE seen.is_new
)
WITH row, seen
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
OPTIONAL MATCH (visitor)-[was:SEEN_WITH]->(seen)
FOREACH (_ IN CASE WHEN was IS NULL THEN [1] ELSE [] END |
  CREATE (visitor)-[:SEEN_WITH {weight: row.weight, count: 1, first_seen: row.at, last_seen: row.at}]->(seen)
)
FOREACH (edge IN CASE WHEN was IS NULL THEN [] ELSE [was] END |
  SET
    edge.weight = row.weight,
    edge.count = edge.count + 1,
    edge.first_seen = CASE WHEN edge.first_seen < row.at THEN edge.first_seen ELSE row.at END,
    edge.last_seen = CASE WHEN edge.last_seen > row.at THEN edge.last_seen ELSE row.at END
)
