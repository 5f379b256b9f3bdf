// purpose: The next tenures, by id, the latest first, that belonged to identities by facts at a time, with their visitors' survivors
//          then; how many there were, and when they were first and last seen until then.
// access:  read
// params:  tenant STRING, identity_ids LIST<STRING>, at ZONED DATETIME, before STRING NULL, limit INTEGER
// returns: tenures LIST<STRING>, visitors LIST<STRING>, count INTEGER, first_seen ZONED DATETIME NULL, last_seen ZONED DATETIME NULL
// index:   Identity(tenant, identity_id), Event(tenant, tenure_id, at, event_id)
CALL () {
  UNWIND $identity_ids AS identity_id
  MATCH (identity:Identity {tenant: $tenant, identity_id: identity_id})
  // part: hidden_visitors_then
  CALL (identity) {
    MATCH (identity)<-[edge:RESOLVES_TO|RESOLVED_TO]-(holder:Tenure)
    WHERE
      // part: open_at
    RETURN holder
    UNION
    MATCH (identity)
    WHERE identity:Tenure
    RETURN identity AS holder
  }
  MATCH
    (holder)
    // part: downwards_then(above: greater, tie: climbed, below: lesser)
    (tenure:Tenure)
  WHERE
    tenure.first_seen <= $at AND
    // part: not_on_hidden_visitors
    AND NOT
    // part: is_hidden_now
  RETURN DISTINCT tenure
}
CALL (tenure) {
  WITH tenure
  WHERE tenure.last_seen <= $at
  RETURN tenure.last_seen AS last_seen
  UNION
  WITH tenure
  WHERE tenure.last_seen > $at
  CALL (tenure) {
    // Where there are very many, the time of the last event has to do.
    MATCH (tenure)<-[:DURING]-(visit)
    WHERE COUNT { (tenure)<-[:DURING]-() } <= 1000 AND visit.started_at <= $at
    RETURN max(visit.started_at) AS last_visit
  }
  OPTIONAL CALL (tenure) {
    MATCH (event:Event)
    USING INDEX SEEK event:Event(tenant, tenure_id, at, event_id)
    WHERE event.tenant = $tenant AND event.tenure_id = tenure.identity_id AND event.at <= $at AND event.event_id IS NOT NULL
    RETURN event.at AS last_event
    ORDER BY event.tenant DESC, event.tenure_id DESC, event.at DESC, event.event_id DESC
    LIMIT 1
  }
  RETURN
    CASE
      WHEN last_event > last_visit THEN last_event
      ELSE coalesce(last_visit, last_event, tenure.first_seen)
    END AS last_seen
}
WITH tenure, last_seen
ORDER BY tenure.identity_id DESC
WITH
  count(tenure) AS count,
  min(tenure.first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  collect(CASE WHEN $before IS NULL OR tenure.identity_id < $before THEN tenure END)[..$limit] AS listed
CALL (listed) {
  UNWIND listed AS tenure
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
    collect(tenure.identity_id) AS tenures,
    collect(coalesce(visitor_ids[0], '')) AS visitors
}
RETURN tenures, visitors, count, first_seen, last_seen
