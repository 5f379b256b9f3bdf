// purpose: Read one visitor with all visitors merged into it: its parts, its counts, and whose its latest tenure is.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: visitor_id STRING, kind STRING, first_seen ZONED DATETIME, last_seen ZONED DATETIME, latest_tenure_id STRING, known_jars INTEGER, merged_ids LIST<STRING>, jars LIST<STRING>, tenures LIST<STRING>, fingerprints LIST<STRING>, sessions INTEGER, events INTEGER, resolved MAP, hidden_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id), Identity(tenant, identity_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
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
CALL (members) {
  UNWIND members AS member
  MATCH (member)<-[:IN]-(jar:Jar)
  OPTIONAL MATCH (jar)<-[:ON]-(tenure:Tenure)
  RETURN
    collect(DISTINCT jar.jar_id) AS jars,
    collect(tenure.identity_id) AS tenures,
    sum(tenure.sessions) AS sessions,
    sum(tenure.events) AS events
}
CALL (members) {
  UNWIND members AS member
  OPTIONAL MATCH (member)-[:HAS_FINGERPRINT]->(fingerprint:Fingerprint)
  RETURN collect(DISTINCT fingerprint.hash) AS fingerprints
}
WITH
  visitor,
  first_seen,
  last_seen,
  members[0].latest_tenure_id AS latest_tenure_id,
  known_jars,
  [member IN members WHERE member <> visitor | member.visitor_id] AS merged_ids,
  jars,
  tenures,
  fingerprints,
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
  sessions,
  events,
  resolved,
  hidden_ids
