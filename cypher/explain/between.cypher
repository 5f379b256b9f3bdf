// purpose: What two subjects have in common, and what parts them: fingerprints and addresses with how many others have these, the
//          cannot-links between them, and the latest fingerprint of each.
// access:  read
// params:  tenant STRING, visitor_id STRING NULL, other_visitor_id STRING NULL, user_id STRING NULL, other_user_id STRING NULL, identity_id STRING, other_identity_id STRING, parts_max INTEGER
// returns: fingerprints LIST<MAP>, addresses LIST<MAP>, cannot_links LIST<MAP>, latest LIST<MAP>
// index:   Visitor(tenant, root_id), Identity(tenant, identity_id)
CALL () {
  UNWIND [$visitor_id, $other_visitor_id] AS root_id
  MATCH (member:Visitor {tenant: $tenant, root_id: root_id})-[has:HAS_FINGERPRINT]->(fingerprint:Fingerprint)
  WITH root_id, fingerprint, has
  ORDER BY has.last_seen DESC, fingerprint.hash
  WITH root_id, collect({fingerprint: fingerprint, has: has})[..$parts_max] AS listed
  UNWIND range(0, size(listed) - 1) AS place
  WITH root_id, place, listed[place] AS record
  WITH root_id, place, record.fingerprint AS fingerprint, record.has AS has
  WITH
    fingerprint,
    collect(DISTINCT root_id) AS roots,
    collect(CASE WHEN place = 0 AND fingerprint.features IS NOT NULL THEN {
      visitor_id: root_id,
      fingerprint: fingerprint.hash,
      features: fingerprint.features,
      browser: has.browser,
      browser_version: has.browser_version,
      os: has.os,
      last_seen: has.last_seen.epochMillis
    } END) AS last
  RETURN
    collect(CASE WHEN size(roots) > 1 THEN {id: fingerprint.hash, visitors: COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() }} END) AS fingerprints,
    reduce(all = [], some IN collect(last) | all + some) AS latest
}
// What is read before is passed on, so that Neo4j goes one after the other, and multiplies nothing.
CALL (latest) {
  UNWIND [$visitor_id, $other_visitor_id] AS root_id
  MATCH (member:Visitor {tenant: $tenant, root_id: root_id})-[seen:SEEN_WITH]->(place:BrowserAtIp)
  WITH root_id, place, seen
  ORDER BY seen.last_seen DESC
  WITH root_id, collect(place)[..$parts_max] AS listed
  UNWIND listed AS place
  WITH place.address AS address, collect(DISTINCT root_id) AS roots, max(COUNT { (place)<-[:SEEN_WITH]-() }) AS visitors
  WHERE size(roots) > 1
  RETURN collect({id: address, visitors: visitors}) AS addresses
}
CALL (addresses) {
  CALL (addresses) {
    WITH addresses
    UNWIND [
      {root_id: $visitor_id, other_root_id: $other_visitor_id, user_id: $other_user_id},
      {root_id: $other_visitor_id, other_root_id: $visitor_id, user_id: $user_id}
    ] AS record
    MATCH (member:Visitor {tenant: $tenant, root_id: record.root_id})
    MATCH (member)-[apart:CANNOT_LINK]-(other)
    WHERE other.root_id = record.other_root_id OR other.user_id = record.user_id
    RETURN apart
    UNION
    WITH addresses, $identity_id AS told_id
    MATCH (:Identity {tenant: $tenant, identity_id: told_id})-[:TIED_TO*0..8]->(:Tenure)-[apart:CANNOT_LINK]-(other:Tenure)
    WHERE other IN COLLECT {
      MATCH (:Identity {tenant: $tenant, identity_id: $other_identity_id})-[:TIED_TO*0..8]->(over)
      RETURN over
    }
    RETURN apart
  }
  RETURN collect(DISTINCT apart {.reason, .actor, .change_id, since: apart.since.epochMillis}) AS cannot_links
}
RETURN fingerprints, addresses, cannot_links, latest
