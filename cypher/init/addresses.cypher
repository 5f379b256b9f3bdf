// purpose: Count where each visitor was seen; on the shared address nothing but the edge is written or locked
//          (docs/graph-model.md).
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
MERGE (place:BrowserAtIp {
  tenant: $tenant,
  address: row.address,
  week: row.week,
  browser: row.browser,
  os: row.os,
  device_class: row.device_class
})
ON CREATE SET place.is_new = true
WITH row, place
MATCH (address:IpAddress {tenant: $tenant, address: row.address})
FOREACH (_ IN CASE WHEN place.is_new THEN [1] ELSE [] END |
  CREATE (place)-[:AT]->(address)
  REMOVE place.is_new
)
WITH row, place
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
OPTIONAL MATCH (visitor)-[sighting:SEEN_WITH]->(place)
FOREACH (_ IN CASE WHEN sighting IS NULL THEN [1] ELSE [] END |
  CREATE (visitor)-[:SEEN_WITH {weight: row.weight, count: 1, first_seen: row.at, last_seen: row.at}]->(place)
)
FOREACH (edge IN CASE WHEN sighting IS NULL THEN [] ELSE [sighting] END |
  SET
    edge.weight = row.weight,
    edge.count = edge.count + 1,
    edge.first_seen = CASE WHEN edge.first_seen < row.at THEN edge.first_seen ELSE row.at END,
    edge.last_seen = CASE WHEN edge.last_seen > row.at THEN edge.last_seen ELSE row.at END
)
