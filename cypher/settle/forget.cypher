// purpose: Forget those of a visitor's recent users who logged in through a jar when it had come back already, as a visit of a time
//          shows that arrives late.
// access:  write
// params:  tenant STRING, jar_id STRING, at ZONED DATETIME
// returns: formerly LIST<STRING>
// index:   Jar(tenant, jar_id), Event(tenant, tenure_id, user_id)
MATCH (jar:Jar {tenant: $tenant, jar_id: $jar_id})-[:IN]->(visitor:Visitor)
WHERE coalesce($at < jar.known_since, true)
WITH
  jar,
  visitor,
  visitor.recent_users AS formerly,
  CASE WHEN $at > jar.created_at THEN $at ELSE jar.created_at END AS known_since
CALL (jar, formerly, known_since) {
  UNWIND formerly AS recent
  WITH jar, known_since, recent, split(recent, ' ')[0] AS seconds
  MATCH (jar)<-[:ON]-(tenure:Tenure)
  MATCH (login:Event)
  USING INDEX SEEK login:Event(tenant, tenure_id, user_id)
  WHERE
    login.tenant = $tenant AND
    login.tenure_id = tenure.identity_id AND
    login.user_id = substring(recent, size(seconds) + 1) AND
    login.at.epochSeconds = toInteger(seconds) AND
    login.at >= known_since
  RETURN collect(DISTINCT recent) AS forgotten
}
WITH visitor, formerly, forgotten
WHERE forgotten <> []
SET visitor.recent_users = [recent IN formerly WHERE NOT recent IN forgotten]
RETURN formerly
