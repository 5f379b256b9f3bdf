// purpose: In which hours since 1970 a merge group's sessions were at addresses, and by which class of device; none for one with more
//          sessions than a person has.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {visitor_id STRING, addresses LIST<STRING>}, since ZONED DATETIME, sessions_max INTEGER
// returns: visitor_id STRING, address STRING, device_class STRING NULL, hours LIST<INTEGER>
// index:   Visitor(tenant, root_id)
UNWIND $rows AS row
CALL (row) {
  MATCH (member:Visitor {tenant: $tenant, root_id: row.visitor_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  WHERE tenure.last_seen >= $since
  MATCH (tenure)<-[:DURING]-(session:Session)
  WHERE session.started_at >= $since
  WITH session
  LIMIT $sessions_max
  RETURN collect(session) AS sessions
}
UNWIND CASE WHEN size(sessions) < $sessions_max THEN sessions ELSE [] END AS session
WITH row, session
WHERE session.address IN row.addresses AND NOT session.is_bot
UNWIND range(session.started_at.epochSeconds / 3600, session.last_seen.epochSeconds / 3600) AS hour
RETURN
  row.visitor_id AS visitor_id,
  session.address AS address,
  session.device_class AS device_class,
  collect(DISTINCT hour) AS hours
