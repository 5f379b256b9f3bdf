// purpose: The ties by fingerprint from tenures on known jars of visitors, with the fingerprint by which each jar was recognised.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: tenure_id STRING, above_id STRING, fingerprint STRING, confidence FLOAT, evidence STRING, since ZONED DATETIME
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[into:IN {method: 'fingerprint'}]-(jar:Jar)
WHERE jar.known_since IS NOT NULL
MATCH (jar)<-[:ON]-(tenure:Tenure)-[tie:TIED_TO {method: 'fingerprint'}]->(above:Tenure)
RETURN
  tenure.identity_id AS tenure_id,
  above.identity_id AS above_id,
  into.fingerprint AS fingerprint,
  tie.confidence AS confidence,
  tie.evidence AS evidence,
  tie.since AS since
ORDER BY tenure_id
