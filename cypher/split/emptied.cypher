// purpose: What is joined to those visitors of a merge group that an erasure left nothing of: the ids of visitors and of users.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: visitor_id STRING NULL, user_id STRING NULL
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
WITH named.root_id AS root_id
MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
USING INDEX SEEK member:Visitor(tenant, root_id)
WHERE NOT EXISTS { (member)<-[:IN|WAS_IN]-() }
MATCH (member)--(joined:Visitor|User)
RETURN DISTINCT joined.visitor_id AS visitor_id, joined.user_id AS user_id
