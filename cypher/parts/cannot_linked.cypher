// purpose: Whatever is cannot-linked (apart) to tenures (told_ids), to those up their ties or to visitors of their merge groups.
UNWIND told_ids AS told_id
MATCH (:Identity {tenant: $tenant, identity_id: told_id})-[:TIED_TO*0..8]->(upper)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
// By itself the id is sought. Beside `used`, Neo4j plans on a new graph to look at all visitors of the tenant.
WITH upper, used.root_id AS root_id
MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
WITH upper, collect(member) AS members
UNWIND [upper] + members AS told
WITH DISTINCT told
// The degree first: hardly anybody has one.
WHERE EXISTS { (told)-[:CANNOT_LINK]-() }
MATCH (told)-[:CANNOT_LINK]-(apart)
