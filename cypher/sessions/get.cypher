// purpose: One session as observed and as it stands.
// access:  read
// params:  tenant STRING, session_id STRING
// returns: session_id STRING, visitor_id STRING, jar_id STRING, tenure_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME, events INTEGER, method STRING, confidence FLOAT, evidence STRING, fingerprint STRING NULL, address STRING NULL, browser STRING NULL, browser_version STRING NULL, os STRING NULL, device_class STRING NULL, country STRING NULL, region STRING NULL, city STRING NULL, latitude FLOAT NULL, longitude FLOAT NULL, time_zone STRING NULL, asn INTEGER NULL, as_organization STRING NULL, page_url STRING NULL, page_referrer STRING NULL, page_title STRING NULL, successor_id STRING NULL
// index:   Session(tenant, session_id)
MATCH (session:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(tenure:Tenure)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
OPTIONAL MATCH (session)-[:SUCCEEDED_BY]->(successor:Session)
RETURN
  session.session_id AS session_id,
  visitor.visitor_id AS visitor_id,
  jar.jar_id AS jar_id,
  tenure.identity_id AS tenure_id,
  session.started_at AS started_at,
  session.last_seen AS last_seen,
  session.events AS events,
  session.method AS method,
  session.confidence AS confidence,
  session.evidence AS evidence,
  session.fingerprint AS fingerprint,
  session.address AS address,
  session.browser AS browser,
  session.browser_version AS browser_version,
  session.os AS os,
  session.device_class AS device_class,
  session.country AS country,
  session.region AS region,
  session.city AS city,
  session.latitude AS latitude,
  session.longitude AS longitude,
  session.time_zone AS time_zone,
  session.asn AS asn,
  session.as_organization AS as_organization,
  session.page_url AS page_url,
  session.page_referrer AS page_referrer,
  session.page_title AS page_title,
  successor.session_id AS successor_id
