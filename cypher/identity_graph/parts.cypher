// purpose: What visitors and tenures were seen with until a time: fingerprints, addresses, sessions and users, the latest of each
//          kind, and how many there are.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>, tenure_ids LIST<STRING>, at ZONED DATETIME, limit INTEGER
// returns: counts MAP, fingerprints LIST<MAP>, addresses LIST<MAP>, sessions LIST<MAP>, users LIST<MAP>
// index:   Visitor(tenant, visitor_id), Identity(tenant, identity_id)
CALL () {
  UNWIND $visitor_ids AS visitor_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[has:HAS_FINGERPRINT]->(fingerprint:Fingerprint)
  WHERE has.first_seen <= $at
  WITH visitor_id, has, fingerprint
  ORDER BY has.last_seen DESC, fingerprint.hash
  WITH collect({source: visitor_id, target: fingerprint.hash, confidence: has.weight, last_seen: has.last_seen.epochMillis}) AS found
  RETURN size(found) AS fingerprint_count, found[..$limit] AS fingerprints
}
CALL (fingerprint_count) {
  WITH fingerprint_count
  UNWIND $visitor_ids AS visitor_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[seen:SEEN_WITH]->(place:BrowserAtIp)
  WHERE seen.first_seen <= $at
  WITH visitor_id, place.address AS address, max(seen.last_seen) AS last_seen, max(seen.weight) AS weight
  ORDER BY last_seen DESC, address
  WITH collect({source: visitor_id, target: address, confidence: weight, last_seen: last_seen.epochMillis}) AS found
  RETURN size(found) AS address_count, found[..$limit] AS addresses
}
CALL (address_count) {
  WITH address_count
  UNWIND $tenure_ids AS tenure_id
  MATCH (tenure:Identity {tenant: $tenant, identity_id: tenure_id})<-[:DURING]-(session:Session)
  WHERE session.started_at <= $at AND session.is_bare IS NULL
  WITH tenure_id, session
  ORDER BY session.started_at DESC, session.session_id
  WITH collect({
    source: session.session_id,
    target: tenure_id,
    confidence: 1.0,
    last_seen: session.last_seen.epochMillis,
    browser: session.browser,
    os: session.os,
    method: session.method
  }) AS found
  RETURN size(found) AS session_count, found[..$limit] AS sessions
}
CALL (session_count) {
  WITH session_count
  UNWIND $visitor_ids AS visitor_id
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})-[identified:IDENTIFIED_AS]->(user:User)
  WHERE identified.rank IS NOT NULL AND identified.visible AND user.hidden IS NULL AND identified.first_seen <= $at
  WITH visitor_id, identified, user
  ORDER BY identified.rank DESC, user.user_id
  WITH collect({
    source: visitor_id,
    target: user.user_id,
    confidence: identified.confidence / 100.0,
    last_seen: identified.last_seen.epochMillis
  }) AS found
  RETURN size(found) AS user_count, found[..$limit] AS users
}
RETURN
  {fingerprints: fingerprint_count, addresses: address_count, sessions: session_count, users: user_count} AS counts,
  fingerprints,
  addresses,
  sessions,
  users
