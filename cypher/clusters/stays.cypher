// purpose: Where these visitors were in sessions since a time, as far as their addresses have a city; none of a hidden user's.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>, since ZONED DATETIME, sessions_max INTEGER
// returns: visitor_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME, latitude FLOAT, longitude FLOAT, place STRING
// index:   Visitor(tenant, root_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
UNWIND $visitor_ids AS visitor_id
CALL (visitor_id) {
  MATCH (member:Visitor {tenant: $tenant, root_id: visitor_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  WHERE tenure.last_seen >= $since
  MATCH (tenure)<-[:DURING]-(session:Session)
  WHERE session.started_at >= $since AND session.city IS NOT NULL AND NOT session.is_bot
  WITH member, session
  LIMIT $sessions_max
  WITH member, session
  WHERE NOT
    // part: group_is_hidden(group: member)
  RETURN session
}
RETURN
  visitor_id,
  session.started_at AS started_at,
  session.last_seen AS last_seen,
  session.latitude AS latitude,
  session.longitude AS longitude,
  session.city AS place
