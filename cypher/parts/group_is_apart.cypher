// purpose: Whether a cannot-link stands between one merge group (one) and another (other), or between it and a user who is known of
//          the other.
EXISTS {
  MATCH (member:Visitor {tenant: $tenant, root_id: one.root_id})-[:CANNOT_LINK]-(apart)
  WHERE
    apart.root_id = other.root_id OR
    EXISTS {
      MATCH (:Visitor)-[known:IDENTIFIED_AS {tenant: $tenant, user_id: apart.user_id, visitor_id: other.root_id}]->(:User)
      USING INDEX SEEK known:IDENTIFIED_AS(tenant, user_id, visitor_id)
    }
}
