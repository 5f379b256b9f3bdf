// purpose: The first tenures of a user, with those on the jar of the user's servers, or of a visitor's merge group; and who is beside
//          each of them.
// access:  read
// params:  tenant STRING, user_id STRING NULL, server_jar_id STRING NULL, until ZONED DATETIME, visitor_id STRING NULL, after STRING, limit INTEGER
// returns: tenure_id STRING, jar_id STRING, visitor_id STRING, claimed_by STRING NULL, above_id STRING NULL, beside_ids LIST<STRING>, left_ids LIST<STRING>
// index:   User(tenant, user_id), Jar(tenant, jar_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// part: tenures_of_person
OPTIONAL MATCH (tenure)-[:RESOLVES_TO {method: 'claim'}]->(claimant:User)
OPTIONAL MATCH (tenure)-[:TIED_TO]->(over:Tenure)
RETURN
  tenure.identity_id AS tenure_id,
  jar.jar_id AS jar_id,
  visitor.visitor_id AS visitor_id,
  claimant.user_id AS claimed_by,
  over.identity_id AS above_id,
  // A node of 50 edges takes and loses edges without its lock.
  [
    (tenure)-[:RESOLVES_TO|RESOLVED_TO|PROBABLY|WAS_PROBABLY]->(beside:User)
    WHERE COUNT { (beside)--() } < 50 | beside.user_id
  ] AS beside_ids,
  [(jar)-[:WAS_IN]->(origin:Visitor) | origin.visitor_id] AS left_ids
ORDER BY tenure_id
