// purpose: Who else was seen with the same browser at the same address as each visitor lately; crowds are skipped, never sampled.
// access:  read
// params:  tenant STRING, origin_id STRING, visitor_ids LIST<STRING>, weeks LIST<STRING>, crowd INTEGER, places_max INTEGER, unknown_browsers LIST<STRING>
// returns: visitor_id STRING, neighbour_id STRING, tenure_id STRING, recent_users LIST<STRING>, shared_by INTEGER, last_seen ZONED DATETIME
// index:   Visitor(tenant, visitor_id), BrowserAtIp(tenant, address, week, browser, os, device_class), Visitor(tenant, root_id)
MATCH (origin:Visitor {tenant: $tenant, visitor_id: $origin_id})
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
CALL (visitor) {
  MATCH (visitor)-[:SEEN_WITH]->(place:BrowserAtIp)
  WHERE place.week IN $weeks AND place.device_class <> 'bot' AND
    NOT place.browser IN $unknown_browsers
  RETURN DISTINCT place.address AS address, place.browser AS browser, place.os AS os, place.device_class AS device_class
  LIMIT $places_max
}
CALL (address, browser, os, device_class) {
  UNWIND $weeks AS week
  MATCH (same:BrowserAtIp {
    tenant: $tenant,
    address: address,
    week: week,
    browser: browser,
    os: os,
    device_class: device_class
  })
  USING INDEX same:BrowserAtIp(tenant, address, week, browser, os, device_class)
  WITH collect(same) AS places, max(COUNT { (same)<-[:SEEN_WITH]-() }) AS most
  UNWIND CASE WHEN most <= $crowd THEN places ELSE [] END AS same
  MATCH (same)<-[seen:SEEN_WITH]-(one:Visitor)
  WITH one, max(seen.last_seen) AS last_seen
  // A merge group counts once.
  RETURN collect({visitor: one, last_seen: last_seen}) AS present, count(DISTINCT one.root_id) AS crowd
}
WITH origin, visitor, present, crowd
WHERE crowd <= $crowd
UNWIND present AS found
WITH origin, visitor, crowd - 1 AS shared_by, found.visitor AS neighbour, found.last_seen AS last_seen
WHERE
  // Nobody is a neighbour within the merge group…
  neighbour.root_id <> visitor.root_id AND
  // …nor where the neighbour's group is cannot-linked to the login's or to this visitor's.
  NOT EXISTS {
    (:Visitor {tenant: $tenant, root_id: neighbour.root_id})-[:CANNOT_LINK]-(apart:Visitor)
    WHERE apart.root_id IN [origin.root_id, visitor.root_id]
  }
RETURN
  visitor.visitor_id AS visitor_id,
  neighbour.visitor_id AS neighbour_id,
  neighbour.latest_tenure_id AS tenure_id,
  neighbour.recent_users AS recent_users,
  shared_by,
  last_seen
