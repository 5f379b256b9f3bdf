// purpose: Who else has fingerprints or was seen at addresses, unless they are a crowd, or their relationship with the identity is
//          hidden.
// access:  read
// params:  tenant STRING, identity_ids LIST<STRING>, hashes LIST<STRING>, addresses LIST<STRING>, weeks LIST<STRING>, visitor_ids LIST<STRING>, fingerprint_crowd INTEGER, address_crowd INTEGER, places_max INTEGER, at ZONED DATETIME, limit INTEGER
// returns: crowds INTEGER, count INTEGER, others LIST<MAP>
// index:   Identity(tenant, identity_id), Fingerprint(tenant, hash), BrowserAtIp(tenant, address, week)
UNWIND $identity_ids AS identity_id
MATCH (identity:Identity {tenant: $tenant, identity_id: identity_id})
// part: hidden_visitors
WITH collect(hidden_visitors) AS each_hidden
WITH reduce(all = [], some IN each_hidden | all + some) AS hidden_visitors
CALL (hidden_visitors) {
  CALL (hidden_visitors) {
    WITH hidden_visitors
    UNWIND $hashes AS hash
    MATCH (shared:Fingerprint {tenant: $tenant, hash: hash})
    RETURN 'fingerprint' AS kind, hash AS id, shared, COUNT { (shared)<-[:HAS_FINGERPRINT]-() } >= $fingerprint_crowd AS is_crowd
    UNION ALL
    WITH hidden_visitors
    UNWIND $addresses AS address
    CALL (address) {
      UNWIND $weeks AS week
      MATCH (place:BrowserAtIp {tenant: $tenant, address: address, week: week})
      USING INDEX SEEK place:BrowserAtIp(tenant, address, week)
      WITH place
      LIMIT $places_max
      WITH collect(place) AS places, sum(COUNT { (place)<-[:SEEN_WITH]-() }) AS total, max(COUNT { (place)<-[:SEEN_WITH]-() }) AS most
      // As for a visit: as many sightings as these are a crowd.
      WITH places, most >= $address_crowd OR total >= $places_max OR size(places) >= $places_max AS is_crowd
      UNWIND CASE WHEN is_crowd THEN places[..1] ELSE places END AS shared
      RETURN shared, is_crowd
    }
    RETURN 'address' AS kind, address AS id, shared, is_crowd
  }
  RETURN
    count(DISTINCT CASE WHEN is_crowd THEN kind + ' ' + id END) AS crowds,
    collect(CASE WHEN NOT is_crowd THEN {kind: kind, id: id, shared: shared} END) AS places
}
CALL (hidden_visitors, places) {
  UNWIND places AS record
  WITH record.kind AS kind, record.id AS id, record.shared AS shared
  MATCH (shared)<-[seen:HAS_FINGERPRINT|SEEN_WITH]-(named:Visitor)
  WHERE NOT named.root_id IN hidden_visitors AND seen.first_seen <= $at
  WITH named, kind, id, max(seen.weight) AS most, max(seen.last_seen) AS latest
  // part: survivor_then
  WITH root.visitor_id AS other_id, kind, id, max(most) AS weight, max(latest) AS last_seen
  WHERE NOT other_id IN $visitor_ids
  WITH other_id, kind, id, weight, last_seen
  ORDER BY last_seen DESC, other_id
  WITH collect({source: other_id, kind: kind, target: id, confidence: weight, last_seen: last_seen.epochMillis}) AS found
  RETURN size(found) AS count, found[..$limit] AS others
}
RETURN crowds, count, others
