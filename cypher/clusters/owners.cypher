// purpose: Who identities are: a user that is not hidden, or the visitor that a tenure is on.
// access:  read
// params:  tenant STRING, identity_ids LIST<STRING>
// returns: identity_id STRING, user_id STRING NULL, person_id STRING, visitor_id STRING NULL
// index:   Identity(tenant, identity_id)
UNWIND $identity_ids AS identity_id
MATCH (identity:Identity {tenant: $tenant, identity_id: identity_id})
WHERE identity.hidden IS NULL
OPTIONAL MATCH (identity)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WITH identity_id, identity, visitor
WHERE identity:User OR visitor.root_id IS NOT NULL
RETURN
  identity_id,
  identity.user_id AS user_id,
  coalesce(identity.linked_id, identity_id) AS person_id,
  visitor.root_id AS visitor_id
