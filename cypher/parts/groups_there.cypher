// purpose: The merge groups that were seen at places (place), each with the latest tenure of the member last seen there, and with
//          what is compared of its fingerprint if that is asked for (is_compared); none where they are a crowd.
MATCH (place)<-[seen:SEEN_WITH]-(visitor_there:Visitor)
WITH row, is_compared, visitor_there, max(seen.last_seen) AS last_seen
ORDER BY last_seen DESC, visitor_there.visitor_id DESC
WITH row, is_compared, visitor_there.root_id AS root_id, collect(visitor_there) AS members, max(last_seen) AS last_seen
WITH row, members, last_seen, CASE WHEN is_compared THEN members[0] END AS shown_by
// part: latest_features
WITH row, collect({
  features: features,
  tenure_id: members[0].latest_tenure_id,
  last_seen: last_seen.epochMillis,
  recent_users: reduce(users = [], member IN members | users + member.recent_users),
  machines: reduce(most = 1, member IN members | CASE WHEN member.machines > most THEN member.machines ELSE most END)
}) AS groups
RETURN head(collect(CASE WHEN size(groups) < row.address_crowd THEN groups ELSE [] END)) AS there
