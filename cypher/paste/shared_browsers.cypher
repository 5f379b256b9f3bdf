// purpose: List the browsers that several users logged in on, with the confidence of each user when last seen.
// access:  read
// params:  tenant STRING, look_at INTEGER, limit INTEGER
// returns: device STRING, users INTEGER, who LIST<STRING>, logins INTEGER, known_jars INTEGER, last_seen ZONED DATETIME, visitor_id STRING
// index:   Visitor(tenant, visitor_id)
// given:   tenant = 'demo': The tenant to read.
//          look_at = 100000: The most visitors to examine, newest first. They come from an index, by tenant.
//          limit = 50: The most browsers to return, those with the most users first.
// paste:   :params {tenant: 'demo', look_at: 100000, limit: 50}
// example: | device                   | users | who            | logins | known_jars | last_seen           | visitor_id  |
//          |--------------------------|-------|----------------|--------|------------|---------------------|-------------|
//          | Chrome on Linux, desktop | 2     | kid 95, mum 95 | 2      | 0          | 2026-03-17 17:18:00 | vis_…c58af3 |
MATCH (visitor:Visitor)
USING INDEX SEEK visitor:Visitor(tenant, visitor_id)
WHERE visitor.tenant = $tenant AND visitor.visitor_id IS NOT NULL
WITH visitor
ORDER BY visitor.tenant DESC, visitor.visitor_id DESC
LIMIT toInteger($look_at)
// Neo4j reads this count off the node. Only the edges of visitors with several users are followed, below.
WITH visitor
WHERE COUNT { (visitor)-[:IDENTIFIED_AS]->() } > 1
WITH
  visitor,
  COUNT {
    (visitor)-[identified:IDENTIFIED_AS]->(user:User)
    WHERE identified.visible AND user.hidden IS NULL
  } AS users
WHERE users > 1
WITH visitor, users
ORDER BY users DESC, visitor.last_seen DESC, visitor.visitor_id
LIMIT toInteger($limit)
CALL (visitor) {
  MATCH (visitor)-[identified:IDENTIFIED_AS]->(user:User)
  WHERE identified.visible AND user.hidden IS NULL
  WITH identified, user
  ORDER BY identified.last_seen DESC, user.user_id
  RETURN
    collect(user.user_id + ' ' + toString(toInteger(round(identified.confidence))))[..20] AS who,
    sum(identified.count) AS logins
}
CALL (visitor) {
  MATCH (visitor)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  RETURN visit
  ORDER BY visit.last_seen DESC, visit.session_id
  LIMIT 1
}
RETURN
  coalesce(visit.browser + ' on ' + visit.os + ', ' + visit.device_class, visitor.kind) AS device,
  users,
  who,
  logins,
  visitor.known_jars AS known_jars,
  visitor.last_seen AS last_seen,
  visitor.visitor_id AS visitor_id
ORDER BY users DESC, last_seen DESC, visitor_id
