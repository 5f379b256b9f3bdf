// purpose: The ties by fingerprint from tenures of a visitor's jars, each with the time at which the later of its two tenures was
//          first used (seen), and the fingerprint by which its jar was recognised.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: tenure_id STRING, seen ZONED DATETIME, above_id STRING, is_above_later BOOLEAN, fingerprint STRING, confidence FLOAT, evidence STRING
// index:   Visitor(tenant, visitor_id)
MATCH (used:Visitor {tenant: $tenant, visitor_id: $visitor_id})<-[into:IN]-(jar:Jar)
MATCH (jar)<-[:ON]-(tenure:Tenure)-[tie:TIED_TO]->(above:Tenure)
WHERE tie.method IN ['fingerprint', 'fuzzy_fingerprint']
WITH used, into, tenure, tie, above, CASE WHEN above.first_seen > tenure.first_seen THEN above ELSE tenure END AS later
RETURN
  tenure.identity_id AS tenure_id,
  later.first_seen AS seen,
  above.identity_id AS above_id,
  later = above AS is_above_later,
  coalesce(into.fingerprint, head([(used)<-[found:IN]-(:Jar) WHERE found.method IN ['fingerprint', 'fuzzy_fingerprint'] | found.fingerprint]), '') AS fingerprint,
  tie.confidence AS confidence,
  tie.evidence AS evidence
ORDER BY tenure_id
