// purpose: The visitors that hold something of a user: a relationship, a cannot-link, or a tenure that was or probably is the
//          user's.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: visitor_id STRING
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
CALL (user) {
  MATCH (user)<-[:IDENTIFIED_AS|WAS_IDENTIFIED_AS|CANNOT_LINK|COULD_NOT_LINK]-(visitor:Visitor)
  RETURN visitor
  UNION
  MATCH (user)<-[:RESOLVED_TO|PROBABLY|WAS_PROBABLY]-(:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
  RETURN visitor
}
RETURN visitor.visitor_id AS visitor_id
ORDER BY visitor_id
