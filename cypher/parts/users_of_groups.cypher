// purpose: The number of people (users) of merge groups (root_ids) whom reads find there.
CALL (root_ids) {
  UNWIND root_ids AS root_id
  MATCH (root:Visitor {tenant: $tenant, visitor_id: root_id})
  USING INDEX SEEK root:Visitor(tenant, visitor_id)
  MATCH (root)-[identified:IDENTIFIED_AS]->(identified_user:User)
  WHERE identified.visible AND identified_user.hidden IS NULL
  RETURN count(DISTINCT coalesce(identified_user.linked_id, identified_user.identity_id)) AS users
}
