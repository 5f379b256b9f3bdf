// purpose: The latest tenure that each user claimed on a merge group's jars; no row if there is none.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {root_id STRING, user_id STRING}
// returns: root_id STRING, user_id STRING, tenure_id STRING
// index:   User(tenant, user_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
CALL (row, user) {
  MATCH (user)<-[claim:RESOLVES_TO {method: 'claim'}]-(tenure:Tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
  WHERE used.root_id = row.root_id
  RETURN tenure.identity_id AS tenure_id
  ORDER BY claim.at DESC, tenure_id
  LIMIT 1
}
RETURN row.root_id AS root_id, row.user_id AS user_id, tenure_id
