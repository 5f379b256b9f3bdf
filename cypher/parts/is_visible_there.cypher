// purpose: Whether reads may tell that an identity used the visitor that a tenure is on.
NOT EXISTS {
  MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
  MATCH (root:Visitor {tenant: $tenant, visitor_id: used.root_id})
  USING INDEX root:Visitor(tenant, visitor_id)
  MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
  WHERE NOT identified.visible
}
