// purpose: How two visitors stand to each other now: the merge group of each, its latest tenure and first visit, how many users it has,
//          whether a cannot-link keeps them apart, and whether reads leave one of them out.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, one_id STRING, other_id STRING}
// returns: i INTEGER, one MAP, other MAP, are_apart BOOLEAN, is_hidden BOOLEAN
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, user_id, visitor_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
UNWIND $rows AS row
MATCH (one:Visitor {tenant: $tenant, visitor_id: row.one_id})
MATCH (other:Visitor {tenant: $tenant, visitor_id: row.other_id})
CALL (one, other) {
  UNWIND [one.root_id, other.root_id] AS root_id
  CALL (root_id) {
    MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
    WITH member
    ORDER BY member.last_seen DESC, member.visitor_id DESC
    RETURN
      head(collect(member.latest_tenure_id)) AS tenure_id,
      min(member.first_seen).epochMillis AS first_seen,
      max(coalesce(member.machines, 1)) AS machines
  }
  CALL (root_id) {
    MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
    USING INDEX SEEK identified:IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
    WHERE
      identified.tenant = $tenant AND
      identified.visitor_id = root_id AND
      identified.rank IS NOT NULL AND
      identified.user_id IS NOT NULL
    WITH identified
    LIMIT 2
    RETURN count(*) AS users
  }
  RETURN collect({
    visitor_id: root_id,
    tenure_id: tenure_id,
    first_seen: first_seen,
    users: users,
    machines: machines
  }) AS sides
}
RETURN
  row.i AS i,
  sides[0] AS one,
  sides[1] AS other,
  // part: group_is_apart
  OR
  // part: group_is_apart(one: other, other: one)
  AS are_apart,
  // part: group_is_hidden(group: one)
  OR
  // part: group_is_hidden(group: other)
  AS is_hidden
