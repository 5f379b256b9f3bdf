// purpose: The events of each identity (identity_id) in the newest sessions, in time order, each with the merge group of its
//          browser (done); a server's event has none.
// part: sessions_in_time
WITH tenure, visitor, group_id, collect(session) AS sessions
// part: visible_owner
// The identity: by facts, else by the strongest inference, each from $confidence_min up; below that, the tenure's own.
OPTIONAL CALL (tenure, certain, certainty) {
  WITH tenure, certain, certainty
  WHERE certain:Tenure
  // part: strongest_inference
  WITH tenure, certainty, strongest, endNode(strongest) AS whom
  // part: certainly(start: whom, below: lower, ties: ways, tie: way, above: upper, nearest: led, resolves: leads, user: leader, certain_id: led_id, linked_id: leads_linked_id, certainty: lead)
  WITH
    tenure,
    coalesce(leader, led) AS identity,
    [strongest.confidence, lead, CASE startNode(strongest) WHEN tenure THEN 1.0 ELSE certainty END] AS bounds
  WHERE
    all(bound IN bounds WHERE bound >= $confidence_min) AND
    identity.hidden IS NULL AND
    // part: is_visible_there
  RETURN identity AS inferred_owner
}
WITH *, coalesce(inferred_owner, CASE WHEN certainty >= $confidence_min THEN certain ELSE tenure END) AS identity
WITH *, coalesce(identity.linked_id, identity.identity_id) AS identity_id
UNWIND sessions AS session
MATCH (session)-[:RECORDED]->(event:Event)
WITH identity_id, event, CASE visitor.kind WHEN 'browser' THEN group_id END AS browser_id
ORDER BY event.at, event.event_id
WITH identity_id, collect({name: event.name, visitor_id: browser_id}) AS done
