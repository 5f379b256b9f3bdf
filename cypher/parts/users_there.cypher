// purpose: The users who were seen on a visitor (used) around a time (at), among the ten who rank first there (user_ids).
CALL (used, at) {
  MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
  USING INDEX identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
  WHERE
    identified.tenant = $tenant AND
    identified.visitor_id = used.root_id AND
    identified.rank > -1000000.0 AND
    identified.user_id IS NOT NULL
  WITH identified
  ORDER BY identified.tenant DESC, identified.visitor_id DESC, identified.rank DESC, identified.user_id DESC
  LIMIT 10
  WITH identified
  WHERE
    identified.source <> 'collected' AND
    identified.first_seen <= at + duration({days: $users_days}) AND
    identified.last_seen >= at - duration({days: $users_days})
  RETURN collect(identified.user_id) AS user_ids
}
