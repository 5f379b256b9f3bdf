// purpose: What is known of each user and visitor: the records of the whole merge group, the visitors where the pair is hidden,
//          and whether a cannot-link is open or contradicted.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, user_id STRING, visitor_id STRING}
// returns: i INTEGER, known MAP
// index:   Visitor(tenant, visitor_id), IDENTIFIED_AS(tenant, user_id, visitor_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
// part: relationship_records
RETURN row.i AS i, known
