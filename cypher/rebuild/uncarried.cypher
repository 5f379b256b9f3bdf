// purpose: The tenures that have no inference to a user, open or closed, where no cannot-link forbids one to them or to those between.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, tenure_id STRING, passed_ids LIST<STRING>}
// returns: tenure_id STRING
// index:   User(tenant, user_id), Identity(tenant, identity_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})
WHERE
  NOT EXISTS { (tenure)-[:PROBABLY|WAS_PROBABLY]->(user) } AND
  NOT EXISTS {
    MATCH (tenure)-[:PROBABLY|WAS_PROBABLY]->(whom:Tenure)
    MATCH
      (whom)
      // part: upwards
      (nearest)-[:RESOLVES_TO]->(owner:User)
    WHERE owner = user
  } AND
  NOT EXISTS {
    // part: cannot_linked(told_ids: row.passed_ids)
    WITH DISTINCT apart
    MATCH
      (apart)
      // part: upwards(below: under)
      ()-[:RESOLVES_TO]->{0,1}(identity)
    WHERE identity = user
  }
RETURN row.tenure_id AS tenure_id
