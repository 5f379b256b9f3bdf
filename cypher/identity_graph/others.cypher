// purpose: Who else has fingerprints or was seen at addresses, unless they are a crowd, or their relationship with the identity is
//          hidden.
// access:  read
// params:  tenant STRING, identity_id STRING, hashes LIST<STRING>, addresses LIST<STRING>, weeks LIST<STRING>, visitor_ids LIST<STRING>, fingerprint_crowd INTEGER, address_crowd INTEGER, limit INTEGER
// returns: crowds INTEGER, count INTEGER, others LIST<MAP>
// index:   Identity(tenant, identity_id), Fingerprint(tenant, hash), BrowserAtIp(tenant, address, week)
MATCH (identity:Identity {tenant: $tenant, identity_id: $identity_id})
// part: hidden_visitors
CALL (hidden_visitors) {
  WITH hidden_visitors
  UNWIND $hashes AS hash
  MATCH (shared:Fingerprint {tenant: $tenant, hash: hash})
  RETURN 'fingerprint' AS kind, hash AS id, shared, COUNT { (shared)<-[:HAS_FINGERPRINT]-() } >= $fingerprint_crowd AS is_crowd
  UNION ALL
  WITH hidden_visitors
  UNWIND $addresses AS address
  UNWIND $weeks AS week
  MATCH (shared:BrowserAtIp {tenant: $tenant, address: address, week: week})
  USING INDEX SEEK shared:BrowserAtIp(tenant, address, week)
  RETURN 'address' AS kind, address AS id, shared, COUNT { (shared)<-[:SEEN_WITH]-() } >= $address_crowd AS is_crowd
}
WITH
  hidden_visitors,
  count(DISTINCT CASE WHEN is_crowd THEN kind + ' ' + id END) AS crowds,
  collect(CASE WHEN NOT is_crowd THEN {kind: kind, id: id, shared: shared} END) AS places
CALL (hidden_visitors, places) {
  UNWIND places AS record
  WITH record.kind AS kind, record.id AS id, record.shared AS shared
  MATCH (shared)<-[seen:HAS_FINGERPRINT|SEEN_WITH]-(other:Visitor)
  WHERE NOT other.root_id IN $visitor_ids + hidden_visitors
  WITH other.root_id AS other_id, kind, id, max(seen.weight) AS weight, max(seen.last_seen) AS last_seen
  ORDER BY last_seen DESC, other_id
  WITH collect({source: other_id, kind: kind, target: id, confidence: weight, last_seen: last_seen.epochMillis}) AS found
  RETURN size(found) AS count, found[..$limit] AS others
}
RETURN crowds, count, others
