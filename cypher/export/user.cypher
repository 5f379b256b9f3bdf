// purpose: A user, hidden or not, and everything that joins the user to visitors.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: said MAP, edges LIST<MAP>
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
WHERE
  // part: has_edge
RETURN
  properties(user) AS said,
  [
    (user)<-[edge:IDENTIFIED_AS|WAS_IDENTIFIED_AS|CANNOT_LINK|COULD_NOT_LINK]-(visitor:Visitor) |
    edge {.*, type: type(edge), visitor_id: visitor.visitor_id}
  ] +
  [
    (user)-[link:LINKED_TO|WAS_LINKED_TO]-(other:User) |
    link {.*, type: type(link), user_id: other.user_id}
  ] AS edges
