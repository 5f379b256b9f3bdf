// purpose: Take a user's ids from what the next events and visits of tenures that are not the user's any more said when they came;
//          a tenure that has none left is taken from the list of the erasure.
// access:  write
// params:  tenant STRING, erasure_id STRING, user_texts LIST<STRING>, identity_id STRING, identity_text STRING, limit INTEGER
// returns: count INTEGER
// index:   Erasure(tenant, erasure_id)
MATCH (:Erasure {tenant: $tenant, erasure_id: $erasure_id})-[listed:ERASES]->(tenure:Tenure)
WITH listed, tenure
LIMIT 1
CALL (tenure) {
  MATCH (tenure)<-[:DURING]-(visit)
  CALL (visit) {
    RETURN visit AS said
    UNION ALL
    MATCH (visit)-[:RECORDED]->(said:Event)
    RETURN said
  }
  WITH said
  WHERE said.identity_id = $identity_id OR said.answer CONTAINS $identity_text OR any(text IN $user_texts WHERE said.answer CONTAINS text)
  RETURN said
  LIMIT $limit
  UNION
  RETURN null AS said
}
FOREACH (node IN CASE WHEN said IS NULL THEN [] ELSE [said] END |
  SET
    node.identity_id = CASE WHEN node.identity_id = $identity_id THEN tenure.identity_id ELSE node.identity_id END,
    node.answer = reduce(
      answer = replace(node.answer, $identity_text, '"' + tenure.identity_id + '"'),
      text IN $user_texts |
      replace(answer, text, split(text, ':')[0] + ':null')
    )
)
WITH listed, count(said) AS count
FOREACH (_ IN CASE WHEN count = 0 THEN [1] ELSE [] END |
  DELETE listed
)
RETURN count + 1 AS count
