// purpose: Count the associations with users that were observed on visitors' jars; not those of relationships closed since.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING, user_id STRING, source STRING, count INTEGER, first ZONED DATETIME, last ZONED DATETIME
// index:   Visitor(tenant, visitor_id), Event(tenant, tenure_id, user_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[:IN]-(jar:Jar)<-[:ON]-(tenure:Tenure)
CALL (tenure) {
  MATCH (login:Event)
  USING INDEX login:Event(tenant, tenure_id, user_id)
  WHERE login.tenant = $tenant AND login.tenure_id = tenure.identity_id AND login.user_id > ''
  RETURN login.user_id AS user_id, login.source AS source, login.at AS at, coalesce(login.counted_at, login.received_at) AS counted_at
  UNION ALL
  MATCH (tenure)<-[:DURING]-(visit)
  WHERE visit.collected_user_id IS NOT NULL
  RETURN
    visit.collected_user_id AS user_id,
    'collected' AS source,
    visit.started_at AS at,
    coalesce(visit.counted_at, visit.received_at) AS counted_at
}
WITH visitor, jar, user_id, source, at, counted_at
WHERE NOT EXISTS {
  (visitor)-[was:WAS_IDENTIFIED_AS {user_id: user_id}]->(:User)
  WHERE
    was.until >= counted_at AND
    // What a visitor has from one that it comes from is so of the jars that were in that one then.
    (
      was.visitor_id = visitor.visitor_id OR
      EXISTS {
        (jar)-[left:WAS_IN]->(origin:Visitor)
        WHERE origin.visitor_id = was.visitor_id AND left.until >= was.until
      }
    )
}
RETURN
  visitor.visitor_id AS visitor_id,
  user_id,
  source,
  count(*) AS count,
  min(at) AS first,
  max(at) AS last
