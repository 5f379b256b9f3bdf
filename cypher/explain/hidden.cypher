// purpose: Those of the identities that a tenure or user could belong to of which reads must not say so.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING, owner_ids LIST<STRING>}
// returns: i INTEGER, hidden_ids LIST<STRING>
// index:   Identity(tenant, identity_id), IDENTIFIED_AS(tenant, user_id, visitor_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
WITH row, start, row.owner_ids AS owner_ids
// part: hidden_owners
RETURN row.i AS i, hidden_ids
