// purpose: Lock the jars that a user's claims within the merge group of a visitor are on.
// access:  write
// params:  tenant STRING, user_id STRING, visitor_id STRING
// returns: jar_id STRING
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id)
WITH $visitor_id AS visitor_id
// part: visitor_there
WITH named.root_id AS root_id
MATCH (member:Visitor {tenant: $tenant, root_id: root_id})<-[:IN]-(jar:Jar)
USING INDEX SEEK member:Visitor(tenant, root_id)
WHERE EXISTS {
  (jar)<-[:ON]-(:Tenure)-[:RESOLVES_TO {method: 'claim'}]->(user:User)
  WHERE user.user_id = $user_id
}
WITH DISTINCT jar
ORDER BY jar.jar_id
SET jar._lock = true
RETURN jar.jar_id AS jar_id
