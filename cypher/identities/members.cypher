// purpose: Read the next tenures of an identity by id, the latest first, with their visitors, and count all; those of visitors
//          whose relationship with the identity is hidden are left out.
// access:  read
// params:  tenant STRING, identity_id STRING, before STRING NULL, limit INTEGER
// returns: tenures LIST<STRING>, visitors LIST<STRING>, count INTEGER, first_seen ZONED DATETIME NULL, last_seen ZONED DATETIME NULL
// index:   Identity(tenant, identity_id), User(tenant, linked_id)
MATCH (identity:Identity {tenant: $tenant, identity_id: $identity_id})
// part: with_linked
WITH owner AS identity
// part: hidden_visitors
CALL (identity, hidden_visitors) {
  CALL (identity) {
    MATCH (identity)<-[:RESOLVES_TO]-(holder:Tenure)
    RETURN holder
    UNION ALL
    MATCH (identity)
    WHERE identity:Tenure
    RETURN identity AS holder
  }
  // Every tenure is walked over, so nothing but its own id and times is read of it.
  MATCH
    (holder)
    // part: downwards
    (tenure:Tenure)
  WHERE
    // part: not_on_hidden_visitors
  RETURN tenure
}
WITH tenure
ORDER BY tenure.identity_id DESC
WITH
  count(tenure) AS count,
  min(tenure.first_seen) AS first_seen,
  max(tenure.last_seen) AS last_seen,
  collect(CASE WHEN $before IS NULL OR tenure.identity_id < $before THEN tenure END)[..$limit] AS listed
CALL (listed) {
  UNWIND listed AS tenure
  OPTIONAL MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
  RETURN
    collect(tenure.identity_id) AS tenures,
    collect(coalesce(used.root_id, used.visitor_id, '')) AS visitors
}
RETURN tenures, visitors, count, first_seen, last_seen
