// purpose: Whatever is cannot-linked (apart) to tenures (told_ids), to those up their ties or to visitors of their merge groups.
UNWIND told_ids AS told_id
MATCH (:Identity {tenant: $tenant, identity_id: told_id})-[:TIED_TO*0..8]->(upper)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
MATCH (member:Visitor {tenant: $tenant, root_id: used.root_id})
UNWIND [upper, member] AS told
MATCH (told)-[:CANNOT_LINK]-(apart)
