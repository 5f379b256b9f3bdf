// purpose: The next tenures, by first time, that were certain users' or top tenures' at a time, each with the least confidence on the
//          way, and those whose inferences led there.
// access:  read
// params:  tenant STRING, identity_ids LIST<STRING>, at ZONED DATETIME, since ZONED DATETIME, until ZONED DATETIME, after_at ZONED DATETIME, after_id STRING, limit INTEGER
// returns: tenure_id STRING, visitor_id STRING, confidence FLOAT, first_seen INTEGER, last_seen INTEGER, events INTEGER, is_certain BOOLEAN
// index:   Identity(tenant, identity_id)
UNWIND $identity_ids AS identity_id
MATCH (identity:Identity {tenant: $tenant, identity_id: identity_id})
// part: hidden_visitors_then
CALL (identity) {
  MATCH (identity)<-[edge:RESOLVES_TO|RESOLVED_TO]-(holder:Tenure)
  WHERE
    // part: open_at
  RETURN holder, CASE WHEN edge.method = 'claim' THEN 1.0 ELSE coalesce(edge.confidence, 1.0) END AS sure
  UNION
  RETURN identity AS holder, 1.0 AS sure
}
MATCH
  (holder)
  // part: downwards_then(tie: ties)
  (certain)
WITH
  identity,
  hidden_visitors,
  certain,
  reduce(least = sure, tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END) AS sure
CALL (certain, sure) {
  MATCH (certain)
  WHERE certain:Tenure
  RETURN certain AS tenure, sure AS confidence
  UNION
  // The act decides whether the inference was read.
  MATCH (certain)<-[edge:PROBABLY|WAS_PROBABLY]-(holder:Tenure)
  WHERE
    // part: open_at
  MATCH
    (holder)
    // part: downwards_then
    (tenure:Tenure)
  RETURN tenure, null AS confidence
}
WITH identity, hidden_visitors, tenure, confidence
WHERE
  tenure.first_seen <= $at AND
  // part: next_streams
  AND
  // part: not_on_hidden_visitors
  AND NOT
  // part: is_hidden_now
// A tenure may have led to several linked users, and a page has it once.
WITH tenure, max(confidence) AS confidence
ORDER BY tenure.first_seen, tenure.identity_id
LIMIT $limit
CALL (tenure) {
  OPTIONAL MATCH (tenure)-[:ON]->(:Jar)-[edge:IN|WAS_IN]->(named:Visitor)
  WHERE
    // part: inside_at
  WITH named
  WHERE named IS NOT NULL
  // part: survivor_then
  RETURN collect(root.visitor_id) AS visitor_ids
}
RETURN
  tenure.identity_id AS tenure_id,
  coalesce(visitor_ids[0], '') AS visitor_id,
  coalesce(confidence, 0.0) AS confidence,
  tenure.first_seen.epochMillis AS first_seen,
  tenure.last_seen.epochMillis AS last_seen,
  tenure.events AS events,
  confidence IS NOT NULL AS is_certain
