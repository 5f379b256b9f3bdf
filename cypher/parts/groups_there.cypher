// purpose: The merge groups that were seen at places, each by its latest tenure; from the crowd on nobody is looked at.
MATCH (place)<-[seen:SEEN_WITH]-(other:Visitor)
WITH row, other, max(seen.last_seen) AS last_seen
ORDER BY last_seen DESC, other.visitor_id DESC
WITH row, other.root_id AS root_id, collect(other) AS members, max(last_seen) AS last_seen
WITH row, collect({
  tenure_id: members[0].latest_tenure_id,
  last_seen: last_seen,
  recent_users: reduce(users = [], member IN members | users + member.recent_users)
}) AS others
RETURN head(collect(CASE WHEN size(others) < row.address_crowd THEN others ELSE [] END)) AS there
