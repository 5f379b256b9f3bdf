// purpose: Take tenures out of the graph, with all that is said of them; what happened during them stays below until it is
//          removed, and nothing finds it.
// access:  write
// params:  tenant STRING, erasure_id STRING, rows LIST<MAP> {tenure_id STRING}
// returns: nothing
// index:   Erasure(tenant, erasure_id), Identity(tenant, identity_id), Session(tenant, session_id)
MATCH (erasure:Erasure {tenant: $tenant, erasure_id: $erasure_id})
UNWIND $rows AS row
MATCH (tenure:Identity {tenant: $tenant, identity_id: row.tenure_id})-[:ON]->(jar:Jar)
OPTIONAL MATCH (latest:Session {tenant: $tenant, session_id: jar.latest_session_id})
USING INDEX SEEK latest:Session(tenant, session_id)
WITH erasure, tenure, jar, EXISTS { (latest)-[:DURING]->(tenure) } AS is_latest
// They hold addresses and fingerprints.
REMOVE jar.sights, jar.passing
FOREACH (_ IN CASE WHEN is_latest THEN [1] ELSE [] END |
  REMOVE jar.latest_session_id
)
WITH erasure, tenure
CALL (tenure) {
  MATCH (tenure)-[edge:ON|CURRENT|TIED_TO|WAS_TIED_TO|RESOLVES_TO|RESOLVED_TO|PROBABLY|WAS_PROBABLY|CANNOT_LINK|COULD_NOT_LINK|ERASES]-()
  DELETE edge
}
SET tenure = {tenant: $tenant}
REMOVE tenure:Tenure:Identity
SET tenure:Erased
CREATE (erasure)-[:ERASES]->(tenure)
