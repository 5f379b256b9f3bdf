// purpose: Find the id of the next node of a kind, without reading anything else of it.
// access:  read
// params:  tenant STRING, name STRING, first STRING
// returns: id STRING
// index:   Event(tenant, event_id), Session(tenant, session_id), Identity(tenant, identity_id), Jar(tenant, jar_id), Visitor(tenant, visitor_id), User(tenant, user_id), Fingerprint(tenant, hash), IpAddress(tenant, address)
CALL () {
  WITH 1 AS one
  WHERE $name = 'events'
  MATCH (event:Event)
  USING INDEX SEEK event:Event(tenant, event_id)
  WHERE event.tenant = $tenant AND event.event_id >= $first
  RETURN event.event_id AS id
  ORDER BY event.tenant, event.event_id
  LIMIT 1
  UNION ALL
  WITH 1 AS one
  WHERE $name = 'sessions'
  MATCH (session:Session)
  USING INDEX SEEK session:Session(tenant, session_id)
  WHERE session.tenant = $tenant AND session.session_id >= $first
  RETURN session.session_id AS id
  ORDER BY session.tenant, session.session_id
  LIMIT 1
  UNION ALL
  WITH 1 AS one
  WHERE $name = 'tenures'
  MATCH (tenure:Identity)
  USING INDEX SEEK tenure:Identity(tenant, identity_id)
  WHERE tenure.tenant = $tenant AND tenure.identity_id >= $first AND tenure:Tenure
  RETURN tenure.identity_id AS id
  ORDER BY tenure.tenant, tenure.identity_id
  LIMIT 1
  UNION ALL
  WITH 1 AS one
  WHERE $name = 'jars'
  MATCH (jar:Jar)
  USING INDEX SEEK jar:Jar(tenant, jar_id)
  WHERE jar.tenant = $tenant AND jar.jar_id >= $first
  RETURN jar.jar_id AS id
  ORDER BY jar.tenant, jar.jar_id
  LIMIT 1
  UNION ALL
  WITH 1 AS one
  WHERE $name = 'visitors'
  MATCH (visitor:Visitor)
  USING INDEX SEEK visitor:Visitor(tenant, visitor_id)
  WHERE visitor.tenant = $tenant AND visitor.visitor_id >= $first
  RETURN visitor.visitor_id AS id
  ORDER BY visitor.tenant, visitor.visitor_id
  LIMIT 1
  UNION ALL
  WITH 1 AS one
  WHERE $name = 'groups'
  MATCH (visitor:Visitor)
  USING INDEX SEEK visitor:Visitor(tenant, visitor_id)
  WHERE visitor.tenant = $tenant AND visitor.visitor_id >= $first AND NOT EXISTS { (visitor)-[:MERGED_INTO]->() }
  RETURN visitor.visitor_id AS id
  ORDER BY visitor.tenant, visitor.visitor_id
  LIMIT 1
  UNION ALL
  WITH 1 AS one
  WHERE $name = 'users'
  MATCH (user:User)
  USING INDEX SEEK user:User(tenant, user_id)
  WHERE user.tenant = $tenant AND user.user_id >= $first
  RETURN user.user_id AS id
  ORDER BY user.tenant, user.user_id
  LIMIT 1
  UNION ALL
  WITH 1 AS one
  WHERE $name = 'fingerprints'
  MATCH (fingerprint:Fingerprint)
  USING INDEX SEEK fingerprint:Fingerprint(tenant, hash)
  WHERE fingerprint.tenant = $tenant AND fingerprint.hash >= $first
  RETURN fingerprint.hash AS id
  ORDER BY fingerprint.tenant, fingerprint.hash
  LIMIT 1
  UNION ALL
  WITH 1 AS one
  WHERE $name = 'addresses'
  MATCH (address:IpAddress)
  USING INDEX SEEK address:IpAddress(tenant, address)
  WHERE address.tenant = $tenant AND address.address >= $first
  RETURN address.address AS id
  ORDER BY address.tenant, address.address
  LIMIT 1
}
RETURN id
