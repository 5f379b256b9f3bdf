// purpose: The users of a visitor, and what they claimed on its own jars.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: users LIST<MAP>, claims LIST<MAP>
// index:   Visitor(tenant, visitor_id), User(tenant, user_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
// part: claims_there
RETURN users, claims
