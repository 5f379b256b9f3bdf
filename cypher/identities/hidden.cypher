// purpose: Whether it is hidden that an identity is a user's: the user is hidden, or the user's relationship with the identity's
//          visitor.
// access:  read
// params:  tenant STRING, identity_id STRING, whose_id STRING
// returns: hidden BOOLEAN
// index:   Identity(tenant, identity_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
MATCH (user:Identity {tenant: $tenant, identity_id: $whose_id})
OPTIONAL MATCH (:Identity {tenant: $tenant, identity_id: $identity_id})-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
// An inference may lead to an anonymous tenure, which has no user id and no relationship. Nothing is hidden then.
// A visitor without root_id was created by an older release; what is hidden must stay hidden next to it.
// Only ids are passed on, so that Neo4j seeks the edge by its key and does not read all visitors of the user.
WITH user.user_id AS user_id, user.hidden AS is_hidden, coalesce(visitor.root_id, visitor.visitor_id) AS visitor_id
OPTIONAL MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: user_id, visitor_id: visitor_id}]->(:User)
RETURN coalesce(is_hidden, false) OR NOT coalesce(identified.visible, true) AS hidden
