// purpose: Read one visitor with all visitors merged into it: its counts, the next of its parts by their ids, the latest first, and
//          whose its latest tenure is.
// access:  read
// params:  tenant STRING, visitor_id STRING, merged_before STRING NULL, jar_before STRING NULL, tenure_before STRING NULL, fingerprint_before STRING NULL, limit INTEGER
// returns: visitor_id STRING, kind STRING, first_seen ZONED DATETIME, last_seen ZONED DATETIME, latest_tenure_id STRING, known_jars INTEGER, merged_ids LIST<STRING>, jars LIST<STRING>, tenures LIST<STRING>, fingerprints LIST<STRING>, counts MAP, sessions INTEGER, events INTEGER, resolved MAP, hidden_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id), Identity(tenant, identity_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
// Without the hint Neo4j began with all visitors of the tenant.
USING INDEX SEEK named:Visitor(tenant, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: named.root_id})
CALL (visitor) {
  MATCH (member:Visitor {tenant: $tenant, root_id: visitor.visitor_id})
  WITH member
  ORDER BY member.last_seen DESC, member.visitor_id DESC
  RETURN
    collect(member) AS members,
    min(member.first_seen) AS first_seen,
    max(member.last_seen) AS last_seen,
    sum(member.known_jars) AS known_jars
}
CALL (visitor, members) {
  UNWIND members AS member
  WITH visitor, member
  WHERE member <> visitor
  WITH member.visitor_id AS merged_id
  ORDER BY merged_id DESC
  RETURN
    count(merged_id) AS merged_count,
    collect(CASE WHEN $merged_before IS NULL OR merged_id < $merged_before THEN merged_id END)[..$limit] AS merged_ids
}
CALL (members) {
  UNWIND members AS member
  MATCH (member)<-[:IN]-(jar:Jar)
  WITH jar.jar_id AS jar_id
  ORDER BY jar_id DESC
  RETURN
    count(jar_id) AS jar_count,
    collect(CASE WHEN $jar_before IS NULL OR jar_id < $jar_before THEN jar_id END)[..$limit] AS jars
}
CALL (members) {
  UNWIND members AS member
  MATCH (member)<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  WITH tenure, tenure.identity_id AS tenure_id
  ORDER BY tenure_id DESC
  RETURN
    count(tenure) AS tenure_count,
    sum(tenure.sessions) AS sessions,
    sum(tenure.events) AS events,
    collect(CASE WHEN $tenure_before IS NULL OR tenure_id < $tenure_before THEN tenure_id END)[..$limit] AS tenures
}
CALL (members) {
  UNWIND members AS member
  MATCH (member)-[:HAS_FINGERPRINT]->(fingerprint:Fingerprint)
  WITH DISTINCT fingerprint.hash AS hash
  ORDER BY hash DESC
  RETURN
    count(hash) AS fingerprint_count,
    collect(CASE WHEN $fingerprint_before IS NULL OR hash < $fingerprint_before THEN hash END)[..$limit] AS fingerprints
}
WITH
  visitor,
  first_seen,
  last_seen,
  members[0].latest_tenure_id AS latest_tenure_id,
  known_jars,
  merged_ids,
  jars,
  tenures,
  fingerprints,
  {
    merged_ids: merged_count,
    jars: jar_count,
    tenures: tenure_count,
    fingerprints: fingerprint_count
  } AS counts,
  sessions,
  events
MATCH (start:Identity {tenant: $tenant, identity_id: latest_tenure_id})
CALL (start) {
  // part: whose
}
// part: hidden_owners
RETURN
  visitor.visitor_id AS visitor_id,
  visitor.kind AS kind,
  first_seen,
  last_seen,
  latest_tenure_id,
  known_jars,
  merged_ids,
  jars,
  tenures,
  fingerprints,
  counts,
  sessions,
  events,
  resolved,
  hidden_ids
