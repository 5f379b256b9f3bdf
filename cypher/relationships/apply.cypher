// purpose: Write each relationship as weighed: one edge for each pair, with a record for each source; an edge without a rank is
//          in no list.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, visitor_id STRING, confidence FLOAT, rank FLOAT NULL, count INTEGER, first_seen STRING, last_seen STRING, source STRING, verified BOOLEAN, records MAP, hidden BOOLEAN NULL, visible BOOLEAN}
// returns: nothing
// index:   Visitor(tenant, visitor_id), User(tenant, user_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
WITH row
ORDER BY row.visitor_id, row.user_id
// part: relationship
