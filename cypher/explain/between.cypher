// purpose: What two subjects have in common, and what parts them: fingerprints and addresses with how many others have these, the
//          cannot-links open and the statements made at a time, and the latest fingerprint of each.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {side INTEGER, visitor_ids LIST<STRING>, other_visitor_ids LIST<STRING>, other_user_id STRING NULL, asked_user_id STRING NULL, identity_id STRING, other_identity_id STRING}, parts_max INTEGER, at ZONED DATETIME
// returns: fingerprints LIST<MAP>, addresses LIST<MAP>, cannot_links LIST<MAP>, stated LIST<MAP>, latest LIST<MAP>
// index:   Visitor(tenant, root_id), Identity(tenant, identity_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
CALL () {
  UNWIND $rows AS row
  UNWIND row.visitor_ids AS root_id
  MATCH (member:Visitor {tenant: $tenant, root_id: root_id})-[has:HAS_FINGERPRINT]->(fingerprint:Fingerprint)
  WITH row.side AS side, fingerprint, has
  ORDER BY has.last_seen DESC, fingerprint.hash
  WITH side, collect({fingerprint: fingerprint, has: has})[..$parts_max] AS listed
  UNWIND range(0, size(listed) - 1) AS place
  WITH side, place, listed[place] AS record
  WITH side, place, record.fingerprint AS fingerprint, record.has AS has
  WITH
    fingerprint,
    collect(DISTINCT side) AS sides,
    collect(CASE WHEN place = 0 AND fingerprint.features IS NOT NULL THEN {
      side: side,
      fingerprint: fingerprint.hash,
      features: fingerprint.features,
      browser: has.browser,
      browser_version: has.browser_version,
      os: has.os,
      last_seen: has.last_seen.epochMillis
    } END) AS last
  RETURN
    collect(CASE WHEN size(sides) > 1 THEN {id: fingerprint.hash, visitors: COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() }} END) AS fingerprints,
    reduce(all = [], some IN collect(last) | all + some) AS latest
}
// What was read before is passed on, so that Neo4j goes one after the other, and multiplies nothing.
CALL (latest) {
  WITH latest
  UNWIND $rows AS row
  UNWIND row.visitor_ids AS root_id
  MATCH (member:Visitor {tenant: $tenant, root_id: root_id})-[seen:SEEN_WITH]->(place:BrowserAtIp)
  WITH row.side AS side, place, seen
  ORDER BY seen.last_seen DESC
  WITH side, collect(place)[..$parts_max] AS listed
  UNWIND listed AS place
  WITH place.address AS address, collect(DISTINCT side) AS sides, max(COUNT { (place)<-[:SEEN_WITH]-() }) AS visitors
  WHERE size(sides) > 1
  RETURN collect({id: address, visitors: visitors}) AS addresses
}
CALL (addresses) {
  WITH addresses
  UNWIND $rows AS row
  CALL (row) {
    MATCH (:Identity {tenant: $tenant, identity_id: row.identity_id})-[:TIED_TO*0..8]->(told:Tenure)
    RETURN told
    UNION
    UNWIND row.visitor_ids AS root_id
    MATCH (told:Visitor {tenant: $tenant, root_id: root_id})
    RETURN told
  }
  WITH row, told
  // The degree first: hardly anybody has one.
  WHERE EXISTS { (told)-[:CANNOT_LINK]-() }
  MATCH (told)-[edge:CANNOT_LINK]-(apart)
  WHERE
    // part: open_at
  WITH row, edge, apart
  WHERE
    apart.root_id IN row.other_visitor_ids OR
    apart.user_id = row.other_user_id OR
    apart IN COLLECT {
      MATCH (:Identity {tenant: $tenant, identity_id: row.other_identity_id})-[:TIED_TO*0..8]->(over:Tenure)
      RETURN over
    } OR
    // A visitor of the user who is asked about, whom the list of visitors has no room for.
    EXISTS {
      MATCH (:Visitor)-[known:IDENTIFIED_AS {tenant: $tenant, user_id: row.asked_user_id, visitor_id: apart.root_id}]->(:User)
      USING INDEX SEEK known:IDENTIFIED_AS(tenant, user_id, visitor_id)
      WHERE known.visible
    } OR
    // A tenure that leads to the other's user, by nothing that reads leave out as hidden.
    EXISTS {
      MATCH
        (apart)
        // part: upwards
        (nearest)-[:RESOLVES_TO]->(owner:User)
      WHERE owner.user_id = row.other_user_id
    } AND
    NOT
    // part: is_hidden_now(tenure: apart)
  // Several edges of one change, as of a merge group's visitors, say the same.
  RETURN collect(DISTINCT edge {.reason, .actor, .change_id, since: edge.since.epochMillis}) AS cannot_links
}
CALL (cannot_links) {
  WITH cannot_links
  UNWIND $rows AS row
  UNWIND row.visitor_ids AS root_id
  UNWIND [row.other_user_id, row.asked_user_id] AS user_id
  MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
  MATCH (member)-[known:IDENTIFIED_AS {tenant: $tenant, user_id: user_id, visitor_id: member.visitor_id}]->(:User)
  USING INDEX SEEK known:IDENTIFIED_AS(tenant, user_id, visitor_id)
  WHERE known.visible AND known.stated_last <= $at
  RETURN collect(DISTINCT {
    visitor_id: root_id,
    user_id: user_id,
    figure: known.stated_figure,
    at: known.stated_last.epochMillis
  }) AS stated
}
RETURN fingerprints, addresses, cannot_links, stated, latest
