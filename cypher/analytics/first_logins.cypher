// purpose: How long after the first visit of a user the first login came, for each user whose first login one of these changes made.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {user_id STRING, change_ids LIST<STRING>}, tenures_max INTEGER
// returns: seconds INTEGER
// index:   User(tenant, user_id)
UNWIND $rows AS row
MATCH (user:User {tenant: $tenant, user_id: row.user_id})
CALL (user) {
  MATCH (user)<-[resolves:RESOLVES_TO]-(tenure:Tenure)
  WITH resolves, tenure
  LIMIT $tenures_max
  WITH
    count(*) AS tenures,
    min(tenure.first_seen) AS first_visit,
    min(CASE resolves.method WHEN 'claim' THEN resolves.at END) AS first_login,
    collect(CASE resolves.method WHEN 'claim' THEN {at: resolves.at, change_id: resolves.change_id} END) AS claims
  RETURN tenures, first_visit, first_login, [claim IN claims WHERE claim.at = first_login | claim.change_id] AS made_by
}
WITH row, tenures, first_visit, first_login, made_by
WHERE tenures < $tenures_max AND first_visit <= first_login AND any(change_id IN made_by WHERE change_id IN row.change_ids)
RETURN duration.inSeconds(first_visit, first_login).seconds AS seconds
