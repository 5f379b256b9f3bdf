// purpose: Remove the candidates, fingerprints and places of visitors of which no visit is left, and the fingerprints of nobody else;
//          the places where nobody else was are listed for the erasure.
// access:  write
// params:  tenant STRING, erasure_id STRING, visitor_ids LIST<STRING>, is_whole BOOLEAN
// returns: hash STRING
// index:   Erasure(tenant, erasure_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
CALL (visitor) {
  OPTIONAL MATCH (visitor)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  WHERE NOT $is_whole
  RETURN
    collect(DISTINCT visit.fingerprint) AS hashes,
    collect(DISTINCT visit.address) AS addresses
}
CALL (visitor, hashes) {
  MATCH (visitor)<-[into:IN|WAS_IN]-(:Jar)
  WHERE into.fingerprint IS NOT NULL AND NOT into.fingerprint IN hashes
  REMOVE into.fingerprint
}
// What the visitor had in common with others may have been the person's.
CALL (visitor) {
  MATCH (member:Visitor {tenant: $tenant, root_id: visitor.root_id})-[candidate:MAY_BE]-(:Visitor)
  DELETE candidate
}
CALL (erasure, visitor, addresses) {
  MATCH (visitor)-[seen:SEEN_WITH]->(place:BrowserAtIp)
  WHERE NOT place.address IN addresses
  DELETE seen
  WITH DISTINCT erasure, place
  ORDER BY place.address, place.week, place.browser, place.os, place.device_class
  WHERE NOT EXISTS { (place)<-[:SEEN_WITH]-() }
  CREATE (erasure)-[:ERASES]->(place)
}
MATCH (visitor)-[has:HAS_FINGERPRINT|HAD_FINGERPRINT|CANNOT_LINK|COULD_NOT_LINK]->(fingerprint:Fingerprint)
WHERE NOT fingerprint.hash IN hashes AND (type(has) = 'HAS_FINGERPRINT' OR $is_whole)
DELETE has
WITH DISTINCT fingerprint
ORDER BY fingerprint.hash
WITH fingerprint, fingerprint.hash AS hash
WHERE NOT EXISTS { (fingerprint)<--() }
CALL (fingerprint) {
  OPTIONAL MATCH (fingerprint)-[in_bucket:IN_BUCKET]->(bucket:FuzzyBucket)
  // part: emptied_buckets
}
DELETE fingerprint
RETURN hash
