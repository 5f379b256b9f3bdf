// purpose: Resolve each tenure or user to the nearest user up its ties, else to the top tenure, by facts alone; for a tenure and a
//          time, count the users that its browser had around it.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING, at ZONED DATETIME NULL}, users_days FLOAT
// returns: i INTEGER, identity_id STRING, user_id STRING NULL, method STRING, confidence FLOAT, public_id STRING, linked_id STRING NULL, users INTEGER
// index:   Identity(tenant, identity_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
// part: certainly
OPTIONAL CALL (start, row) {
  MATCH (start)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
  WHERE row.at IS NOT NULL
  WITH used, row.at - duration({days: $users_days}) AS since, row.at + duration({days: $users_days}) AS until
  // part: users_there
  RETURN size(users) AS users_around
}
RETURN
  row.i AS i,
  certain_id AS identity_id,
  coalesce(user.user_id, nearest.user_id) AS user_id,
  // part: method
  AS method,
  certainty AS confidence,
  nearest.identity_id AS public_id,
  linked_id,
  coalesce(users_around, 0) AS users
