// purpose: The subject that an identity's changes are recorded for: its user, or the visitor that its tenure is on.
// access:  read
// params:  tenant STRING, identity_id STRING
// returns: subject STRING
// index:   Identity(tenant, identity_id)
MATCH (identity:Identity {tenant: $tenant, identity_id: $identity_id})
OPTIONAL MATCH (identity)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
RETURN coalesce('user:' + identity.user_id, 'visitor:' + visitor.visitor_id) AS subject
