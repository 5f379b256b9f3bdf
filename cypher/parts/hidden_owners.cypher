// purpose: Those of the identities (owner_ids) of which reads must not say that a tenure (start) is theirs (hidden_ids): the user is
//          hidden, or the user's relationship with the tenure's visitor.
CALL (start, owner_ids) {
  UNWIND owner_ids AS owner_id
  MATCH (owner:Identity {tenant: $tenant, identity_id: owner_id})
  OPTIONAL MATCH (start)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
  // An inference may lead to an anonymous tenure, which has no user id and no relationship. Nothing is hidden then.
  // A visitor without root_id was created by an older release; what is hidden must stay hidden next to it.
  // Only ids are passed on, so that Neo4j seeks the edge by its key and does not read all visitors of the user.
  WITH owner_id, owner.user_id AS user_id, owner.hidden AS is_hidden, coalesce(used.root_id, used.visitor_id) AS visitor_id
  OPTIONAL MATCH (:Visitor)-[identified:IDENTIFIED_AS {tenant: $tenant, user_id: user_id, visitor_id: visitor_id}]->(:User)
  USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, visitor_id)
  WITH owner_id, is_hidden, identified
  WHERE coalesce(is_hidden, false) OR NOT coalesce(identified.visible, true)
  RETURN collect(DISTINCT owner_id) AS hidden_ids
}
