// purpose: The tenures of the identity that an id ($who) belongs to, how each belongs to it (how), and a confidence of at least
//          $confidence_min.
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
  // part: downwards(tie: ties)
  (certain)
WITH
  identity,
  certain,
  CASE WHEN size(ties) = 0 THEN method ELSE 'tied' END AS method,
  reduce(least = sure, tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END) AS sure
CALL (certain, method, sure) {
  MATCH (certain)
  WHERE certain:Tenure
  RETURN certain AS tenure, method AS how, sure AS confidence
  UNION
  // Only the strongest inference of a tenure without a user counts.
  MATCH (certain)<-[probably:PROBABLY]-(maybe:Tenure)
  WHERE NOT EXISTS { (maybe)-[:TIED_TO*0..8]->()-[:RESOLVES_TO]->() }
  MATCH
    (maybe)
    // part: downwards(tie: ties)
    (tenure:Tenure)
  // part: strongest_inference
  WITH tenure, probably, ties, sure, strongest
  WHERE probably = strongest
  RETURN
    tenure,
    'probably, by ' + probably.method AS how,
    reduce(
      least = CASE WHEN probably.confidence < sure THEN probably.confidence ELSE sure END,
      tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END
    ) AS confidence
}
WITH identity, tenure, how, confidence
ORDER BY confidence DESC, how
WITH identity, tenure, head(collect(how)) AS how, max(confidence) AS confidence
WHERE
  confidence >= $confidence_min AND
  // part: is_visible_there
