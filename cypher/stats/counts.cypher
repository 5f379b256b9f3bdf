// purpose: Count a tenant's nodes of each kind by one seek on the tenant's keys; the sessions and events are sums of the tenures'
//          counters.
// access:  read
// params:  tenant STRING
// returns: visitors INTEGER, merged_visitors INTEGER, users INTEGER, jars INTEGER, sessions INTEGER, events INTEGER, fingerprints INTEGER
// index:   Tenant(tenant), Visitor(tenant, visitor_id), User(tenant, user_id), Jar(tenant, jar_id), Identity(tenant, identity_id), Fingerprint(tenant, hash)
MATCH (tenant_node:Tenant {tenant: $tenant})
CALL (tenant_node) {
  MATCH (visitor:Visitor)
  WHERE visitor.tenant = tenant_node.tenant AND visitor.visitor_id > ''
  WITH count(visitor) AS total, count(CASE WHEN visitor.root_id <> visitor.visitor_id THEN 1 END) AS merged_visitors
  RETURN total - merged_visitors AS visitors, merged_visitors
}
CALL (tenant_node) {
  MATCH (user:User)
  // A user node without any edge is nobody yet.
  WHERE
    user.tenant = tenant_node.tenant AND
    user.user_id > '' AND
    // part: has_edge
  RETURN count(user) AS users
}
CALL (tenant_node) {
  MATCH (jar:Jar)
  WHERE jar.tenant = tenant_node.tenant AND jar.jar_id > ''
  RETURN count(jar) AS jars
}
CALL (tenant_node) {
  MATCH (tenure:Identity)
  WHERE tenure.tenant = tenant_node.tenant AND tenure.identity_id > ''
  RETURN sum(tenure.sessions) AS sessions, sum(tenure.events) AS events
}
CALL (tenant_node) {
  MATCH (fingerprint:Fingerprint)
  WHERE fingerprint.tenant = tenant_node.tenant AND fingerprint.hash > ''
  RETURN count(fingerprint) AS fingerprints
}
RETURN visitors, merged_visitors, users, jars, sessions, events, fingerprints
