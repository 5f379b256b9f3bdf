// purpose: Whether a merge group (group) has a user who is hidden, or whose relationship with it is.
EXISTS {
  MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(user:User)
  USING INDEX SEEK identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
  WHERE
    identified.tenant = $tenant AND
    identified.visitor_id = group.root_id AND
    identified.rank IS NOT NULL AND
    identified.user_id IS NOT NULL AND
    (NOT identified.visible OR coalesce(user.hidden, false))
}
