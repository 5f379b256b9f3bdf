// purpose: The ties by fingerprint from tenures of a visitor's jars that were first used in a time, with the fingerprint by which
//          each jar was recognised.
// access:  read
// params:  tenant STRING, visitor_id STRING, after ZONED DATETIME, until ZONED DATETIME
// returns: tenure_id STRING, first_seen ZONED DATETIME, above_id STRING, fingerprint STRING, confidence FLOAT, evidence STRING
// index:   Visitor(tenant, visitor_id)
MATCH (:Visitor {tenant: $tenant, visitor_id: $visitor_id})<-[into:IN {method: 'fingerprint'}]-(jar:Jar)
MATCH (jar)<-[:ON]-(tenure:Tenure)-[tie:TIED_TO {method: 'fingerprint'}]->(above:Tenure)
WHERE tenure.first_seen > $after AND tenure.first_seen <= $until
RETURN
  tenure.identity_id AS tenure_id,
  tenure.first_seen AS first_seen,
  above.identity_id AS above_id,
  into.fingerprint AS fingerprint,
  tie.confidence AS confidence,
  tie.evidence AS evidence
ORDER BY tenure_id
