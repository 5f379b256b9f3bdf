// purpose: Read what was observed on each visitor's own jars: known jars, times, latest tenures, and associations with users, grouped by what decides whether they count.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING, known_jars INTEGER, stretches LIST<MAP>, first_seen ZONED DATETIME NULL, last_seen ZONED DATETIME NULL, latest_tenure_ids LIST<STRING>, associations LIST<MAP>
// index:   Visitor(tenant, visitor_id), Event(tenant, tenure_id, user_id), Event(tenant, tenure_id, collected_user_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
CALL (visitor) {
  OPTIONAL MATCH (visitor)<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  WITH min(tenure.first_seen) AS first_seen, max(tenure.last_seen) AS last_seen, collect(tenure) AS tenures
  RETURN
    first_seen,
    last_seen,
    [tenure IN tenures WHERE tenure.last_seen = last_seen | tenure.identity_id] AS latest_tenure_ids
}
CALL (visitor) {
  MATCH (visitor)<-[:IN]-(jar:Jar)<-[:ON]-(tenure:Tenure)
  CALL (tenure) {
    MATCH (login:Event)
    USING INDEX SEEK login:Event(tenant, tenure_id, user_id)
    WHERE login.tenant = $tenant AND login.tenure_id = tenure.identity_id AND login.user_id > ''
    RETURN
      login.user_id AS user_id,
      login.source AS source,
      login.at AS at,
      coalesce(login.counted_at, login.received_at) AS counted_at
    UNION ALL
    MATCH (named:Event)
    USING INDEX SEEK named:Event(tenant, tenure_id, collected_user_id)
    WHERE named.tenant = $tenant AND named.tenure_id = tenure.identity_id AND named.collected_user_id > ''
    RETURN
      named.collected_user_id AS user_id,
      'collected' AS source,
      named.at AS at,
      coalesce(named.counted_at, named.received_at) AS counted_at
    UNION ALL
    MATCH (tenure)<-[:DURING]-(visit)
    WHERE visit.collected_user_id IS NOT NULL
    RETURN
      visit.collected_user_id AS user_id,
      'collected' AS source,
      visit.started_at AS at,
      coalesce(visit.counted_at, visit.received_at) AS counted_at
  }
  WITH
    visitor,
    jar,
    collect({user_id: user_id, source: source, at: at, counted_at: counted_at}) AS associations
  UNWIND associations AS association
  WITH visitor, jar, association, coalesce(association.at < jar.known_since, true) AS is_before_return, [
    (visitor)-[was:WAS_IDENTIFIED_AS {user_id: association.user_id}]->(:User)
    WHERE
      was.until >= association.counted_at AND
      // What only folded merged visitors' records took nothing of this visitor's with it.
      // part: has_own_records(identified: was)
    |
    {visitor_id: was.visitor_id, until: was.until}
  ] AS closed
  WITH
    association.user_id AS user_id,
    association.source AS source,
    is_before_return,
    closed,
    // The visitors that the jar has left matter only if a relationship was closed.
    [(jar)-[left:WAS_IN]->(origin:Visitor) WHERE closed <> [] | {visitor_id: origin.visitor_id, until: left.until}] AS left,
    count(association) AS count,
    min(association.at) AS first,
    max(association.at) AS last
  RETURN collect({
    user_id: user_id,
    source: source,
    is_before_return: is_before_return,
    closed: closed,
    left: left,
    count: count,
    first: first,
    last: last
  }) AS associations
}
RETURN
  visitor_id,
  COUNT { (visitor)<-[:IN]-(jar:Jar) WHERE jar.known_since IS NOT NULL } AS known_jars,
  [
    (visitor)<-[:IN]-(known:Jar) WHERE known.known_since IS NOT NULL |
    {jar_id: known.jar_id, since: known.created_at, until: known.last_seen, browsers: known.browsers}
  ] AS stretches,
  first_seen,
  last_seen,
  latest_tenure_ids,
  associations
