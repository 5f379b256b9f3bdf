// purpose: Take a user's name from the user, so that nobody finds it again, and remove what joins it to visitors; these and the
//          tenures that were or probably are the user's are listed for the erasure.
// access:  write
// params:  tenant STRING, user_id STRING, erasure_id STRING
// returns: nothing
// index:   User(tenant, user_id), Erasure(tenant, erasure_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})
MATCH (user:User {tenant: $tenant, user_id: $user_id})
SET user.user_id = 'erased ' + $erasure_id, user.hidden = true
REMOVE user.linked_id
WITH erasure, user
// part: outdated_cluster(member: user)
CALL (user) {
  MATCH (user)-[link:LINKED_TO|WAS_LINKED_TO]-(:User)
  DELETE link
}
CALL (erasure, user) {
  MATCH (user)<-[edge:IDENTIFIED_AS|WAS_IDENTIFIED_AS|CANNOT_LINK|COULD_NOT_LINK]-(visitor:Visitor)
  DELETE edge
  WITH DISTINCT erasure, visitor
  ORDER BY visitor.visitor_id
  CREATE (erasure)-[:ERASES]->(visitor)
}
CALL (erasure, user) {
  MATCH (user)<-[edge:RESOLVED_TO|PROBABLY|WAS_PROBABLY]-(tenure:Tenure)
  DELETE edge
  WITH DISTINCT erasure, tenure
  ORDER BY tenure.identity_id
  CREATE (erasure)-[:ERASES]->(tenure)
  WITH DISTINCT erasure, tenure
  MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
  WITH DISTINCT erasure, visitor
  WHERE NOT EXISTS { (erasure)-[:ERASES]->(visitor) }
  CREATE (erasure)-[:ERASES]->(visitor)
}
