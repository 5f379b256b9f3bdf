// purpose: Read what was observed on a page of each visitor's own jars, by the jars' ids: known jars, times, latest tenures, and associations with users, grouped by what decides whether they count.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>, after STRING, limit INTEGER
// returns: visitor_id STRING, known_jars INTEGER, stretches LIST<MAP>, first_seen ZONED DATETIME NULL, last_seen ZONED DATETIME NULL, latest_tenure_ids LIST<STRING>, associations LIST<MAP>, last_jar_id STRING NULL
// index:   Visitor(tenant, visitor_id), Event(tenant, tenure_id, user_id), Event(tenant, tenure_id, collected_user_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
CALL (visitor) {
  MATCH (visitor)<-[:IN]-(jar:Jar)
  WHERE jar.jar_id > $after
  WITH jar
  ORDER BY jar.jar_id
  LIMIT $limit
  RETURN collect(jar) AS jars
}
CALL (jars) {
  UNWIND jars AS jar
  MATCH (jar)<-[:ON]-(tenure:Tenure)
  WITH min(tenure.first_seen) AS first_seen, max(tenure.last_seen) AS last_seen, collect(tenure) AS tenures
  RETURN
    first_seen,
    last_seen,
    [tenure IN tenures WHERE tenure.last_seen = last_seen | tenure.identity_id] AS latest_tenure_ids
}
CALL (visitor, jars) {
  CALL (visitor, jars) {
    WITH jars, EXISTS { (visitor)-[:WAS_IDENTIFIED_AS]->() } AS was_closed
    UNWIND jars AS jar
    MATCH (jar)<-[:ON]-(tenure:Tenure)
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
      jar,
      user_id,
      source,
      coalesce(at < jar.known_since, true) AS is_before_return,
      // When an association counted matters only if a relationship was closed.
      CASE WHEN was_closed THEN counted_at END AS counted_at,
      count(at) AS count,
      min(at) AS first,
      max(at) AS last
    RETURN
      user_id,
      {
        jar: jar,
        source: source,
        is_before_return: is_before_return,
        counted_at: counted_at,
        count: count,
        first: first,
        last: last
      } AS association,
      NULL AS closing
    UNION ALL
    MATCH (visitor)-[was:WAS_IDENTIFIED_AS]->(:User)
    WHERE
      // What only folded merged visitors' records took nothing of this visitor's with it.
      // part: has_own_records(identified: was)
    RETURN was.user_id AS user_id, NULL AS association, {visitor_id: was.visitor_id, until: was.until} AS closing
  }
  // Users meet their closings by grouping: to search these for each association takes their product.
  WITH user_id, collect(association) AS associations, collect(closing) AS closings
  UNWIND associations AS found
  WITH
    found.jar AS jar,
    user_id,
    found.source AS source,
    found.is_before_return AS is_before_return,
    [closing IN closings WHERE closing.until >= found.counted_at] AS closed,
    sum(found.count) AS count,
    min(found.first) AS first,
    max(found.last) AS last
  WITH
    user_id,
    source,
    is_before_return,
    closed,
    // The visitors that the jar has left matter only if a relationship was closed.
    [(jar)-[left:WAS_IN]->(origin:Visitor) WHERE closed <> [] | {visitor_id: origin.visitor_id, until: left.until}] AS left,
    sum(count) AS count,
    min(first) AS first,
    max(last) AS last
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
  size([jar IN jars WHERE jar.known_since IS NOT NULL]) AS known_jars,
  [
    jar IN jars WHERE jar.known_since IS NOT NULL |
    {jar_id: jar.jar_id, since: jar.created_at, until: jar.last_seen, browsers: jar.browsers}
  ] AS stretches,
  first_seen,
  last_seen,
  latest_tenure_ids,
  associations,
  last(jars).jar_id AS last_jar_id
