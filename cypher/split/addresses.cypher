// purpose: Count anew where a visitor and a new one, which has some of its jars, were seen; last in an act, as the places are shared.
// access:  write
// params:  tenant STRING, visitor_id STRING, new_visitor_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), BrowserAtIp(tenant, address, week, browser, os, device_class)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MATCH (fresh:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
CALL (visitor, fresh) {
  UNWIND [visitor, fresh] AS one
  MATCH (one)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  WHERE
    visit.address IS NOT NULL AND
    // What goes on after another user's login is no visit of its own.
    NOT EXISTS { (visit)<-[:SUCCEEDED_BY]-() }
  WITH
    one,
    visit.address AS address,
    // The server's week, as graph/rules/times.py names it.
    toString(visit.received_at.weekYear) + '-W' + right('0' + toString(visit.received_at.week), 2) AS week,
    coalesce(visit.browser, '') AS browser,
    coalesce(visit.os, '') AS os,
    coalesce(visit.device_class, '') AS device_class,
    count(visit) AS visits,
    min(visit.started_at) AS first,
    max(visit.started_at) AS last
  RETURN
    address,
    week,
    browser,
    os,
    device_class,
    head(collect(CASE WHEN one = fresh THEN {count: visits, first_seen: first, last_seen: last} END)) AS went,
    head(collect(CASE WHEN one = visitor THEN {count: visits, first_seen: first, last_seen: last} END)) AS stays
}
WITH visitor, fresh, address, week, browser, os, device_class, went, stays
WHERE went IS NOT NULL
MATCH (place:BrowserAtIp {
  tenant: $tenant,
  address: address,
  week: week,
  browser: browser,
  os: os,
  device_class: device_class
})
USING INDEX place:BrowserAtIp(tenant, address, week, browser, os, device_class)
WITH visitor, fresh, place, went, stays
ORDER BY place.address, place.week, place.browser, place.os, place.device_class
// An address that proves nothing has none.
MATCH (visitor)-[seen:SEEN_WITH]->(place)
OPTIONAL MATCH (fresh)-[has:SEEN_WITH]->(place)
FOREACH (_ IN CASE WHEN has IS NULL THEN [1] ELSE [] END |
  CREATE (fresh)-[new:SEEN_WITH {weight: seen.weight}]->(place)
  SET new += went
)
FOREACH (_ IN CASE WHEN stays IS NULL THEN [] ELSE [1] END |
  SET seen += stays
)
FOREACH (_ IN CASE WHEN stays IS NULL THEN [1] ELSE [] END |
  DELETE seen
)
