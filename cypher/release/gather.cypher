// purpose: A user's claims within the merge group of a visitor.
// access:  read
// params:  tenant STRING, user_id STRING, visitor_id STRING
// returns: tenure_id STRING, jar_id STRING, visitor_id STRING, at ZONED DATETIME, session_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
WITH named.root_id AS root_id
MATCH
  (visitor:Visitor {tenant: $tenant, root_id: root_id})<-[:IN]-(jar:Jar)<-[:ON]-(tenure:Tenure)
  -[claim:RESOLVES_TO {method: 'claim'}]->(user:User)
USING INDEX SEEK visitor:Visitor(tenant, root_id)
WHERE user.user_id = $user_id
RETURN
  tenure.identity_id AS tenure_id,
  jar.jar_id AS jar_id,
  visitor.visitor_id AS visitor_id,
  claim.at AS at,
  claim.session_id AS session_id
ORDER BY tenure_id
