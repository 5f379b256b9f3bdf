// purpose: The session that each jar was last used in, and the system that the jar was on.
// access:  read
// params:  tenant STRING, jar_ids LIST<STRING>
// returns: jar_id STRING, session_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME, os STRING NULL, device_class STRING NULL
// index:   Jar(tenant, jar_id), Session(tenant, session_id)
UNWIND $jar_ids AS jar_id
MATCH (jar:Jar {tenant: $tenant, jar_id: jar_id})
WITH jar, jar.latest_session_id AS latest_id
MATCH (session:Session {tenant: $tenant, session_id: latest_id})
USING INDEX SEEK session:Session(tenant, session_id)
// After a hand over, the successor is the session that was used last. The id of the first session still leads to it.
MATCH (session)-[:SUCCEEDED_BY*0..]->(latest:Session)
// An erased user had the session last: a new visit begins a new one.
WHERE NOT EXISTS { (latest)-[:SUCCEEDED_BY]->() } AND latest.erased_from IS NULL
RETURN
  jar.jar_id AS jar_id,
  session.session_id AS session_id,
  session.started_at AS started_at,
  latest.last_seen AS last_seen,
  jar.os AS os,
  jar.device_class AS device_class
