// purpose: What joins these visitors to others: their relationships, strongest first, their open candidates as they are offered, and
//          whose the tenure is that their merge group was last used by.
// access:  read
// params:  tenant STRING, visitor_ids LIST<STRING>, rank_min FLOAT, confidence_min FLOAT, users_max INTEGER
// returns: visitor_id STRING, users LIST<MAP>, candidates LIST<MAP>, resolved MAP, hidden_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id), Identity(tenant, identity_id), IDENTIFIED_AS(tenant, user_id, visitor_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
UNWIND $visitor_ids AS grouped_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: grouped_id})
USING INDEX SEEK visitor:Visitor(tenant, visitor_id)
CALL (grouped_id) {
  MATCH (merged:Visitor {tenant: $tenant, root_id: grouped_id})
  RETURN merged.latest_tenure_id AS latest_id
  ORDER BY merged.last_seen DESC, merged.visitor_id DESC
  LIMIT 1
}
MATCH (start:Identity {tenant: $tenant, identity_id: latest_id})
USING INDEX SEEK start:Identity(tenant, identity_id)
CALL (grouped_id) {
  MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(user:User)
  USING INDEX SEEK identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
  WHERE
    identified.tenant = $tenant AND
    identified.visitor_id = grouped_id AND
    identified.rank >= $rank_min AND
    identified.user_id IS NOT NULL AND
    identified.visible AND
    user.hidden IS NULL
  WITH identified, user
  ORDER BY identified.tenant DESC, identified.visitor_id DESC, identified.rank DESC, identified.user_id DESC
  LIMIT $users_max
  RETURN collect({
    user_id: user.user_id,
    person_id: coalesce(user.linked_id, user.identity_id),
    rank: identified.rank
  }) AS users
}
CALL (visitor) {
  MATCH (visitor)-[candidate:MAY_BE]->(other:Visitor)
  WHERE
    candidate.state = 'open' AND
    candidate.confidence >= $confidence_min AND
    other.root_id <> visitor.root_id AND NOT
    // part: group_is_apart(one: visitor)
    AND NOT
    // part: group_is_apart(one: other, other: visitor)
    AND NOT
    // part: group_is_hidden(group: visitor)
    AND NOT
    // part: group_is_hidden(group: other)
  RETURN collect({visitor_id: other.root_id, confidence: candidate.confidence}) AS candidates
}
CALL (start) {
  // part: whose
}
// part: hidden_owners
RETURN grouped_id AS visitor_id, users, candidates, resolved, hidden_ids
