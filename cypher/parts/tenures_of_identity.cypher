// purpose: The tenures that make up the identity of an id (who), how each belongs to it, and how surely, at least confidence_min.
// part: identity_of
CALL (identity) {
  MATCH (identity)<-[resolves:RESOLVES_TO]-(holder:Tenure)
  RETURN
    holder,
    resolves.method AS method,
    CASE WHEN resolves.method = 'claim' THEN 1.0 ELSE resolves.confidence END AS sure
  UNION
  RETURN identity AS holder, 'own' AS method, 1.0 AS sure
}
MATCH
  (holder)
  // part: downwards
  (certain)
WITH
  identity,
  certain,
  CASE WHEN size(tie) = 0 THEN method ELSE 'tied' END AS method,
  reduce(least = sure, one IN tie | CASE WHEN one.confidence < least THEN one.confidence ELSE least END) AS sure
CALL (certain, method, sure) {
  MATCH (certain)
  WHERE certain:Tenure
  RETURN certain AS tenure, method AS how, sure AS confidence
  UNION
  // Of a tenure without a user, only the strongest inference counts.
  MATCH (certain)<-[probably:PROBABLY]-(maybe:Tenure)
  WHERE NOT EXISTS { (maybe)-[:TIED_TO*0..8]->()-[:RESOLVES_TO]->() }
  MATCH
    (maybe)
    // part: downwards
    (tenure:Tenure)
  // part: strongest_inference
  WITH tenure, probably, tie, sure, strongest
  WHERE probably = strongest
  RETURN
    tenure,
    'probably, by ' + probably.method AS how,
    reduce(
      least = CASE WHEN probably.confidence < sure THEN probably.confidence ELSE sure END,
      one IN tie | CASE WHEN one.confidence < least THEN one.confidence ELSE least END
    ) AS confidence
}
WITH identity, tenure, how, confidence
ORDER BY confidence DESC, how
WITH identity, tenure, head(collect(how)) AS how, max(confidence) AS confidence
WHERE
  confidence >= $confidence_min AND
  // part: is_visible_there
