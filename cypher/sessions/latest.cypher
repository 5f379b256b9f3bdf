// purpose: The session that a jar was last used in.
// access:  read
// params:  tenant STRING, jar_id STRING
// returns: session_id STRING, started_at ZONED DATETIME, last_seen ZONED DATETIME
// index:   Jar(tenant, jar_id), Session(tenant, session_id)
MATCH (jar:Jar {tenant: $tenant, jar_id: $jar_id})
MATCH (session:Session {tenant: $tenant, session_id: jar.latest_session_id})
// Where another user took over, the successor is what was used last; the first one's id still leads to it.
MATCH (session)-[:SUCCEEDED_BY*0..]->(last:Session)
WHERE NOT EXISTS { (last)-[:SUCCEEDED_BY]->() }
RETURN
  session.session_id AS session_id,
  session.started_at AS started_at,
  last.last_seen AS last_seen
