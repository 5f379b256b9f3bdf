// purpose: The next sessions and collections of a tenure.
// access:  read
// params:  tenant STRING, tenure_id STRING, after STRING, limit INTEGER
// returns: visit_id STRING, said MAP
// index:   Identity(tenant, identity_id)
MATCH (:Identity {tenant: $tenant, identity_id: $tenure_id})<-[:DURING]-(visit)
WITH visit, coalesce(visit.session_id, visit.collection_id) AS visit_id
WHERE visit_id > $after
ORDER BY visit_id
LIMIT $limit
RETURN
  visit_id,
  properties(visit) AS said
ORDER BY visit_id
