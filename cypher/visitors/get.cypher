// purpose: One visitor, what it consists of, and the tenure that says whose it is.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: visitor_id STRING, kind STRING, first_seen ZONED DATETIME, last_seen ZONED DATETIME, latest_tenure_id STRING, known_jars INTEGER, jars LIST<STRING>, tenures LIST<STRING>, fingerprints LIST<STRING>, sessions INTEGER, events INTEGER
// index:   Visitor(tenant, visitor_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
CALL (visitor) {
  MATCH (visitor)<-[:IN]-(jar:Jar)
  OPTIONAL MATCH (jar)<-[:ON]-(tenure:Tenure)
  RETURN
    collect(DISTINCT jar.jar_id) AS jars,
    collect(tenure.identity_id) AS tenures,
    sum(tenure.sessions) AS sessions,
    sum(tenure.events) AS events
}
CALL (visitor) {
  OPTIONAL MATCH (visitor)-[:HAS_FINGERPRINT]->(fingerprint:Fingerprint)
  RETURN collect(fingerprint.hash) AS fingerprints
}
RETURN
  visitor.visitor_id AS visitor_id,
  visitor.kind AS kind,
  visitor.first_seen AS first_seen,
  visitor.last_seen AS last_seen,
  visitor.latest_tenure_id AS latest_tenure_id,
  visitor.known_jars AS known_jars,
  jars,
  tenures,
  fingerprints,
  sessions,
  events
