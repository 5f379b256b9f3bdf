// purpose: List the fingerprints, addresses, jars and users that join the most: visitors, or for a jar its users.
// access:  read
// params:  tenant STRING, kind STRING, look_at INTEGER, limit INTEGER
// returns: joins INTEGER, kind STRING, identifier STRING, visitors INTEGER, users INTEGER
// index:   Fingerprint(tenant, hash), IpAddress(tenant, address), Jar(tenant, jar_id), User(tenant, user_id), User(tenant, linked_id), Visitor(tenant, visitor_id)
// given:   tenant = 'demo': The tenant to read.
//          kind = '': fingerprint, address, jar or user. Empty means all.
//          look_at = 100000: The most identifiers of each kind to examine, those with the most edges first.
//          limit = 20: The most identifiers to return.
// paste:   :params {tenant: 'demo', kind: '', look_at: 100000, limit: 20}
// example: | joins | kind        | identifier  | visitors | users |
//          |-------|-------------|-------------|----------|-------|
//          | 30    | address     | 192.0.2.44  | 30       | 30    |
//          | 3     | fingerprint | common      | 3        | 2     |
//          | 2     | jar         | jar_…773ec1 | 1        | 2     |
//          | 2     | user        | anna        | 2        | 1     |
CALL () {
  WITH 'fingerprint' AS kind
  WHERE $kind IN ['', 'fingerprint']
  MATCH (fingerprint:Fingerprint)
  USING INDEX SEEK fingerprint:Fingerprint(tenant, hash)
  WHERE fingerprint.tenant = $tenant AND fingerprint.hash IS NOT NULL
  // Neo4j reads the degree off the node. Only the edges of an identifier with several are followed.
  WITH kind, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS edges
  WHERE edges > 1
  ORDER BY edges DESC, fingerprint.hash
  LIMIT toInteger($look_at)
  MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(visitor:Visitor)
  WITH kind, fingerprint, collect(DISTINCT coalesce(visitor.root_id, visitor.visitor_id)) AS root_ids
  WITH kind, fingerprint, root_ids, size(root_ids) AS joins
  WHERE joins > 1
  WITH kind, fingerprint, root_ids, joins
  ORDER BY joins DESC, fingerprint.hash
  LIMIT toInteger($limit)
  // part: users_of_groups
  RETURN kind, fingerprint.hash AS identifier, joins, joins AS visitors, users
  UNION
  WITH 'address' AS kind
  WHERE $kind IN ['', 'address']
  MATCH (address:IpAddress)
  USING INDEX SEEK address:IpAddress(tenant, address)
  WHERE address.tenant = $tenant AND address.address IS NOT NULL
  MATCH (address)<-[:AT]-(browser:BrowserAtIp)
  WITH kind, address, sum(COUNT { (browser)<-[:SEEN_WITH]-() }) AS edges
  WHERE edges > 1
  ORDER BY edges DESC, address.address
  LIMIT toInteger($look_at)
  MATCH (address)<-[:AT]-(:BrowserAtIp)<-[:SEEN_WITH]-(visitor:Visitor)
  WITH kind, address, collect(DISTINCT coalesce(visitor.root_id, visitor.visitor_id)) AS root_ids
  WITH kind, address, root_ids, size(root_ids) AS joins
  WHERE joins > 1
  WITH kind, address, root_ids, joins
  ORDER BY joins DESC, address.address
  LIMIT toInteger($limit)
  // part: users_of_groups
  RETURN kind, address.address AS identifier, joins, joins AS visitors, users
  UNION
  WITH 'jar' AS kind
  WHERE $kind IN ['', 'jar']
  MATCH (jar:Jar)
  USING INDEX SEEK jar:Jar(tenant, jar_id)
  WHERE jar.tenant = $tenant AND jar.jar_id IS NOT NULL
  WITH kind, jar, COUNT { (jar)<-[:ON]-() } AS edges
  WHERE edges > 1
  ORDER BY edges DESC, jar.jar_id
  LIMIT toInteger($look_at)
  MATCH (jar)<-[:ON]-(tenure:Tenure)-[:RESOLVES_TO]->(user:User)
  WHERE
    user.hidden IS NULL AND
    // part: is_visible_there(identity: user)
  WITH kind, jar, count(DISTINCT coalesce(user.linked_id, user.identity_id)) AS joins
  WHERE joins > 1
  ORDER BY joins DESC, jar.jar_id
  LIMIT toInteger($limit)
  RETURN kind, jar.jar_id AS identifier, joins, 1 AS visitors, joins AS users
  UNION
  WITH 'user' AS kind
  WHERE $kind IN ['', 'user']
  MATCH (user:User)
  USING INDEX SEEK user:User(tenant, user_id)
  WHERE user.tenant = $tenant AND user.user_id IS NOT NULL AND user.hidden IS NULL
  WITH kind, user, COUNT { (user)<-[:IDENTIFIED_AS]-() } AS edges
  WHERE edges > 1
  ORDER BY edges DESC, user.user_id
  LIMIT toInteger($look_at)
  MATCH (user)<-[identified:IDENTIFIED_AS]-(visitor:Visitor)
  WHERE identified.visible
  WITH kind, user, count(DISTINCT coalesce(visitor.root_id, visitor.visitor_id)) AS joins
  WHERE joins > 1
  ORDER BY joins DESC, user.user_id
  LIMIT toInteger($limit)
  CALL (user) {
    MATCH (member:User {tenant: $tenant, linked_id: user.linked_id})
    USING INDEX SEEK member:User(tenant, linked_id)
    WHERE member.hidden IS NULL
    RETURN count(*) AS linked
  }
  RETURN
    kind,
    user.user_id AS identifier,
    joins,
    joins AS visitors,
    CASE linked WHEN 0 THEN 1 ELSE linked END AS users
}
RETURN joins, kind, identifier, visitors, users
ORDER BY joins DESC, kind, identifier
LIMIT toInteger($limit)
