// purpose: Whose a tenure or user (start) is, with the inferences that may be read and whose each leads to (resolved), and the ids of
//          all these identities (owner_ids).
// part: certainly
CALL (start, nearest, resolves) {
  UNWIND CASE WHEN resolves IS NOT NULL THEN [] WHEN start = nearest THEN [start] ELSE [start, nearest] END AS holder
  MATCH (holder)-[inferred:PROBABLY]->(whom:Identity)
  // Another transaction may close the inference at this moment; then it has no properties any more.
  WHERE inferred.confidence IS NOT NULL
  // part: no_cannot_link
  // part: certainly(start: whom, below: lower, ties: ways, tie: way, above: upper, nearest: led, resolves: leads, user: leader, certain_id: led_id, linked_id: leads_linked_id, certainty: lead)
  RETURN collect({
    identity_id: whom.identity_id,
    confidence: inferred.confidence,
    since: inferred.since.epochMillis,
    last_seen: inferred.last_seen.epochMillis,
    leads_to: led_id,
    leads_confidence: lead,
    public_id: CASE WHEN led:Tenure THEN led.identity_id END,
    linked_id: leads_linked_id,
    evidence: inferred.evidence,
    rests_on: inferred.rests_on,
    weeks: inferred.weeks,
    claims: inferred.claims
  }) AS probable
}
RETURN
  {
    identity_id: certain_id,
    user_id: coalesce(user.user_id, nearest.user_id),
    method:
    // part: method
    ,
    confidence: certainty,
    public_id: nearest.identity_id,
    linked_id: linked_id,
    probable: probable
  } AS resolved,
  [certain_id] + [found IN probable | found.leads_to] AS owner_ids
