// purpose: Restore collected user ids of visits and events that were refused because of a cannot-link, where no visitor that is now
//          in the merge group justifies the refusal.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>, user_ids LIST<STRING>
// returns: visitor_id STRING, user_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id), Event(tenant, tenure_id, refused_user_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
CALL (tenure) {
  MATCH (tenure)<-[:DURING]-(came)
  WHERE came.refused_user_id IN $user_ids
  RETURN came
  UNION ALL
  UNWIND $user_ids AS user_id
  MATCH (came:Event)
  USING INDEX SEEK came:Event(tenant, tenure_id, refused_user_id)
  WHERE came.tenant = $tenant AND came.tenure_id = tenure.identity_id AND came.refused_user_id = user_id
  RETURN came
}
WITH visitor, came
WHERE
  NOT EXISTS {
    (:Visitor {tenant: $tenant, root_id: visitor.root_id})-[cannot_link:CANNOT_LINK|COULD_NOT_LINK]->(user:User)
    // A cannot-link counts too if it was opened after the call: it would have closed what the user id counted in.
    WHERE
      user.user_id = came.refused_user_id AND
      coalesce(cannot_link.until >= coalesce(came.counted_at, came.received_at), true)
  }
SET came.collected_user_id = came.refused_user_id
REMOVE came.refused_user_id
RETURN DISTINCT visitor.visitor_id AS visitor_id, came.collected_user_id AS user_id
