// purpose: Remove a user's id from the visits and events that it came with until a time, on the jars that a visitor has or had.
// access:  write
// params:  tenant STRING, visitor_id STRING, user_id STRING, at ZONED DATETIME
// returns: nothing
// index:   Visitor(tenant, visitor_id), Event(tenant, tenure_id, collected_user_id), Event(tenant, tenure_id, refused_user_id)
MATCH (:Visitor {tenant: $tenant, visitor_id: $visitor_id})<-[:IN|WAS_IN]-(:Jar)<-[:ON]-(tenure:Tenure)
WITH DISTINCT tenure
CALL (tenure) {
  MATCH (came:Event)
  USING INDEX SEEK came:Event(tenant, tenure_id, collected_user_id)
  WHERE came.tenant = $tenant AND came.tenure_id = tenure.identity_id AND came.collected_user_id = $user_id
  RETURN came
  UNION ALL
  MATCH (came:Event)
  USING INDEX SEEK came:Event(tenant, tenure_id, refused_user_id)
  WHERE came.tenant = $tenant AND came.tenure_id = tenure.identity_id AND came.refused_user_id = $user_id
  RETURN came
  UNION ALL
  MATCH (tenure)<-[:DURING]-(came)
  WHERE $user_id IN [came.collected_user_id, came.refused_user_id]
  RETURN came
}
WITH came
WHERE came.received_at <= $at
REMOVE came.collected_user_id, came.refused_user_id
