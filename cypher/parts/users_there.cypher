// purpose: The users who were seen on a visitor (used) in a time (since, until), of the hundred who rank first there, ten at most (users).
CALL (used, since, until) {
  MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(there:User)
  USING INDEX SEEK identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
  WHERE
    identified.tenant = $tenant AND
    identified.visitor_id = used.root_id AND
    identified.rank > -1000000.0 AND
    identified.user_id IS NOT NULL
  WITH identified, there
  ORDER BY identified.tenant DESC, identified.visitor_id DESC, identified.rank DESC, identified.user_id DESC
  LIMIT 100
  WITH identified, there
  WHERE identified.source <> 'collected' AND identified.first_seen <= until AND identified.last_seen >= since
  WITH identified, there
  LIMIT 10
  RETURN collect({
    user_id: identified.user_id,
    identity_id: there.identity_id,
    linked_id: there.linked_id,
    count: identified.count,
    first_seen: identified.first_seen.epochMillis,
    last_seen: identified.last_seen.epochMillis
  }) AS users
}
