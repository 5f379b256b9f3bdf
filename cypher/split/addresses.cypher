// purpose: Recount where a visitor and the new visitor that took over some of its jars were seen; this runs last in an act,
//          because the places are shared.
// access:  write
// params:  tenant STRING, visitor_id STRING, new_visitor_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), BrowserAtIp(tenant, address, week, browser, os, device_class)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MATCH (new_visitor:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
CALL (visitor, new_visitor) {
  UNWIND [visitor, new_visitor] AS owner
  MATCH (owner)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  WHERE
    visit.address IS NOT NULL AND
    // A successor session continues a visit after another user's login, and is no visit of its own.
    NOT EXISTS { (visit)<-[:SUCCEEDED_BY]-() }
  WITH
    owner,
    visit.address AS address,
    // The week of the server's clock, named as in graph/rules/times.py.
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
    head(collect(CASE WHEN owner = new_visitor THEN {count: visits, first_seen: first, last_seen: last} END)) AS new_totals,
    head(collect(CASE WHEN owner = visitor THEN {count: visits, first_seen: first, last_seen: last} END)) AS kept_totals
}
WITH visitor, new_visitor, address, week, browser, os, device_class, new_totals, kept_totals
WHERE new_totals IS NOT NULL
MATCH (place:BrowserAtIp {
  tenant: $tenant,
  address: address,
  week: week,
  browser: browser,
  os: os,
  device_class: device_class
})
USING INDEX SEEK place:BrowserAtIp(tenant, address, week, browser, os, device_class)
WITH visitor, new_visitor, place, new_totals, kept_totals
ORDER BY place.address, place.week, place.browser, place.os, place.device_class
// A place whose address proves nothing has no such edge.
MATCH (visitor)-[sighting:SEEN_WITH]->(place)
OPTIONAL MATCH (new_visitor)-[new_sighting:SEEN_WITH]->(place)
FOREACH (_ IN CASE WHEN new_sighting IS NULL THEN [1] ELSE [] END |
  CREATE (new_visitor)-[created:SEEN_WITH {weight: sighting.weight}]->(place)
  SET created += new_totals
)
FOREACH (_ IN CASE WHEN kept_totals IS NULL THEN [] ELSE [1] END |
  SET sighting += kept_totals
)
FOREACH (_ IN CASE WHEN kept_totals IS NULL THEN [1] ELSE [] END |
  DELETE sighting
)
