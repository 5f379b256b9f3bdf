// purpose: Who was seen where a visitor was seen in the weeks of a row: present has all with the same browser at one address, and
//          shared_by says how many other merge groups these are. A crowd is skipped, never sampled.
CALL (row, visitor) {
  MATCH (visitor)-[:SEEN_WITH]->(seen_at:BrowserAtIp)
  WHERE seen_at.week IN row.weeks AND seen_at.device_class <> 'bot' AND
    NOT seen_at.browser IN $unknown_browsers
  RETURN DISTINCT
    seen_at.address AS address,
    seen_at.browser AS browser,
    seen_at.os AS os,
    seen_at.device_class AS device_class
  LIMIT $places_max
}
UNWIND row.weeks AS week
MATCH (place:BrowserAtIp {
  tenant: $tenant,
  address: address,
  week: week,
  browser: browser,
  os: os,
  device_class: device_class
})
USING INDEX SEEK place:BrowserAtIp(tenant, address, week, browser, os, device_class)
WITH row, visitor, address, browser, os, device_class, collect(place) AS places, max(COUNT { (place)<-[:SEEN_WITH]-() }) AS most
UNWIND CASE WHEN most <= row.crowd THEN places ELSE [] END AS place
MATCH (place)<-[seen:SEEN_WITH]-(visitor_there:Visitor)
WITH row, visitor, address, browser, os, device_class, visitor_there, max(seen.last_seen) AS last_seen
// A merge group counts once.
WITH
  row,
  visitor,
  collect({visitor: visitor_there, last_seen: last_seen}) AS present,
  count(DISTINCT visitor_there.root_id) - 1 AS shared_by,
  address,
  browser,
  os,
  device_class
