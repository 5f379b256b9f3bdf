// purpose: The neighbours of each visitor in the given weeks; a crowd is skipped, never sampled.
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
  MATCH (place:BrowserAtIp {
    tenant: $tenant,
    address: address,
    week: week,
    browser: browser,
    os: os,
    device_class: device_class
  })
  USING INDEX place:BrowserAtIp(tenant, address, week, browser, os, device_class)
  WITH collect(place) AS places, max(COUNT { (place)<-[:SEEN_WITH]-() }) AS most
  UNWIND CASE WHEN most <= $crowd THEN places ELSE [] END AS place
  MATCH (place)<-[seen:SEEN_WITH]-(visitor_there:Visitor)
  WITH visitor_there, max(seen.last_seen) AS last_seen
  // A merge group counts once.
  RETURN collect({visitor: visitor_there, last_seen: last_seen}) AS present, count(DISTINCT visitor_there.root_id) AS crowd
}
WITH origin, visitor, present, crowd
WHERE crowd <= $crowd
UNWIND present AS found
WITH origin, visitor, crowd - 1 AS shared_by, found.visitor AS neighbour, found.last_seen AS last_seen
WHERE
  // A visitor of the same merge group is no neighbour.
  neighbour.root_id <> visitor.root_id AND
  // Nor is a visitor whose merge group is cannot-linked to the login's group or to this visitor's.
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
