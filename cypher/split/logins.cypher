// purpose: When each user last logged in on visitors' jars before those came back, as far as they did.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: visitor_id STRING, user_id STRING, at ZONED DATETIME
// index:   Visitor(tenant, visitor_id), Event(tenant, tenure_id, user_id)
UNWIND $visitor_ids AS visitor_id
MATCH (:Visitor {tenant: $tenant, visitor_id: visitor_id})<-[:IN]-(jar:Jar)
CALL (jar) {
  MATCH (jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  WHERE visit.method IN ['token', 'anonymous_id']
  RETURN min(visit.received_at) AS came_back
}
MATCH (jar)<-[:ON]-(tenure:Tenure)
CALL (tenure) {
  MATCH (login:Event)
  USING INDEX login:Event(tenant, tenure_id, user_id)
  WHERE login.tenant = $tenant AND login.tenure_id = tenure.identity_id AND login.user_id > ''
  RETURN login
}
WITH visitor_id, came_back, login
WHERE came_back IS NULL OR login.received_at < came_back
RETURN visitor_id, login.user_id AS user_id, max(login.at) AS at
