// purpose: The tenures of a user, with those on the jar of the user's servers, or of a visitor's merge group, from the first after an id.
CALL () {
  MATCH (user:User {tenant: $tenant, user_id: $user_id})<-[:RESOLVES_TO]-(holder:Tenure)
  MATCH
    (holder)
    // part: downwards
    (tenure:Tenure)
  RETURN tenure
  UNION
  MATCH (server_jar:Jar {tenant: $tenant, jar_id: $server_jar_id})<-[:ON]-(tenure:Tenure)
  WHERE server_jar.created_at <= $until
  RETURN tenure
  UNION
  MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
  WITH named.root_id AS root_id
  MATCH (member:Visitor {tenant: $tenant, root_id: root_id})<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  USING INDEX SEEK member:Visitor(tenant, root_id)
  RETURN tenure
}
WITH tenure
WHERE tenure.identity_id > $after
ORDER BY tenure.identity_id
LIMIT $limit
MATCH (tenure)-[:ON]->(jar:Jar)-[:IN]->(visitor:Visitor)
