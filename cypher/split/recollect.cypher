// purpose: Restore collected user ids that were refused because of a cannot-link, where no visitor that is now in the merge
//          group justifies the refusal.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, user_ids LIST<STRING>
// returns: visitor_id STRING, user_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
WHERE
  visit.refused_user_id IN $user_ids AND
  NOT EXISTS {
    (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[cannot_link:CANNOT_LINK|COULD_NOT_LINK]->(user:User)
    // A cannot-link counts too if it was opened after the visit: it would have closed what the user id counted in.
    WHERE
      user.user_id = visit.refused_user_id AND
      coalesce(cannot_link.until >= coalesce(visit.counted_at, visit.received_at), true)
  }
SET visit.collected_user_id = visit.refused_user_id
REMOVE visit.refused_user_id
RETURN DISTINCT visitor.visitor_id AS visitor_id, visit.collected_user_id AS user_id
