// purpose: Resolve each tenure or user to the nearest user up its ties, else to the top tenure, by facts alone.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING}
// returns: i INTEGER, identity_id STRING, user_id STRING NULL, method STRING, confidence FLOAT
// index:   Identity(tenant, identity_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
// part: certainly
RETURN
  row.i AS i,
  certain_id AS identity_id,
  coalesce(user.user_id, nearest.user_id) AS user_id,
  // part: method
  AS method,
  certainty AS confidence
