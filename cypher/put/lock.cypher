// purpose: Lock the jar that each visitor's merge group was last used by, and return the session of that use.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING, session_id STRING, jar_id STRING
// index:   Visitor(tenant, visitor_id), Identity(tenant, identity_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
// part: visitor_there
CALL (named) {
  MATCH (member:Visitor {tenant: $tenant, root_id: named.root_id})
  RETURN member
  ORDER BY member.last_seen DESC, member.visitor_id DESC
  LIMIT 1
}
MATCH (tenure:Identity {tenant: $tenant, identity_id: member.latest_tenure_id})-[:ON]->(jar:Jar)
CALL (tenure) {
  MATCH (tenure)<-[:DURING]-(session:Session)
  RETURN session
  ORDER BY session.last_seen DESC, session.session_id DESC
  LIMIT 1
}
WITH visitor_id, jar, session
ORDER BY jar.jar_id
SET jar._lock = true
RETURN visitor_id, session.session_id AS session_id, jar.jar_id AS jar_id
