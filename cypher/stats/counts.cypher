// purpose: How much a tenant has, each kind counted by one seek on the tenant's keys; sessions and events are summed from what tenures keep.
// access:  read
// params:  tenant STRING
// returns: visitors INTEGER, merged_visitors INTEGER, users INTEGER, jars INTEGER, sessions INTEGER, events INTEGER, fingerprints INTEGER
// index:   Tenant(tenant), Visitor(tenant, visitor_id), User(tenant, user_id), Jar(tenant, jar_id), Identity(tenant, identity_id), Fingerprint(tenant, hash)
MATCH (owner:Tenant {tenant: $tenant})
CALL (owner) {
  MATCH (visitor:Visitor)
  WHERE visitor.tenant = owner.tenant AND visitor.visitor_id > ''
  WITH count(visitor) AS total, count(CASE WHEN visitor.root_id <> visitor.visitor_id THEN 1 END) AS merged_visitors
  RETURN total - merged_visitors AS visitors, merged_visitors
}
CALL (owner) {
  MATCH (user:User)
  // One without any edge is nobody yet.
  WHERE user.tenant = owner.tenant AND user.user_id > '' AND EXISTS { (user)--() }
  RETURN count(user) AS users
}
CALL (owner) {
  MATCH (jar:Jar)
  WHERE jar.tenant = owner.tenant AND jar.jar_id > ''
  RETURN count(jar) AS jars
}
CALL (owner) {
  MATCH (tenure:Identity)
  WHERE tenure.tenant = owner.tenant AND tenure.identity_id > ''
  RETURN sum(tenure.sessions) AS sessions, sum(tenure.events) AS events
}
CALL (owner) {
  MATCH (fingerprint:Fingerprint)
  WHERE fingerprint.tenant = owner.tenant AND fingerprint.hash > ''
  RETURN count(fingerprint) AS fingerprints
}
RETURN visitors, merged_visitors, users, jars, sessions, events, fingerprints
