// purpose: Whether reads may tell that an identity used the visitor that a tenure is on.
NOT EXISTS {
  MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
  // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
  MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
  USING INDEX SEEK root:Visitor(tenant, visitor_id)
  MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
  WHERE NOT identified.visible
}
