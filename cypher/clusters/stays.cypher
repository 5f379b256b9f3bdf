// purpose: Where these visitors were in their latest sessions since a time, as far as their addresses have a city; none of a visitor
//          with a hidden user.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>, since ZONED DATETIME, sessions_max INTEGER
// returns: visitor_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME, latitude FLOAT, longitude FLOAT, place STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
WHERE NOT
  // part: group_is_hidden(group: visitor)
CALL (visitor_id) {
  MATCH (member:Visitor {tenant: $tenant, root_id: visitor_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  WHERE tenure.last_seen >= $since
  MATCH (tenure)<-[:DURING]-(session:Session)
  WHERE session.started_at >= $since AND session.city IS NOT NULL AND NOT session.is_bot
  RETURN session
  ORDER BY session.started_at DESC, session.session_id
  LIMIT $sessions_max
}
RETURN
  visitor_id,
  session.started_at AS started_at,
  session.last_seen AS last_seen,
  session.latitude AS latitude,
  session.longitude AS longitude,
  session.city AS place
