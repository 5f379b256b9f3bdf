// purpose: Resolve each tenure or user to the nearest user up its ties, else to the top tenure, with the inferences that may be
//          read.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING}
// returns: i INTEGER, resolved MAP
// index:   Identity(tenant, identity_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
CALL (start) {
  // part: whose
}
RETURN row.i AS i, resolved
