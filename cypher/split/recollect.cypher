// purpose: Let the user ids that came with visits count that were refused for what was said of others than these visitors, and those one with them now.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, user_ids LIST<STRING>
// returns: visitor_id STRING, user_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
WHERE
  visit.refused_user_id IN $user_ids AND
  NOT EXISTS {
    (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[said:CANNOT_LINK|COULD_NOT_LINK]->(user:User)
    // What was said later would have closed it.
    WHERE
      user.user_id = visit.refused_user_id AND
      coalesce(said.until >= coalesce(visit.counted_at, visit.received_at), true)
  }
SET visit.collected_user_id = visit.refused_user_id
REMOVE visit.refused_user_id
RETURN DISTINCT visitor.visitor_id AS visitor_id, visit.collected_user_id AS user_id
