// purpose: Whether no cannot-link forbids to read what a tenure (start) has inferred about another identity (whom).
// Those on the tenure's side are all tenures up its ties, and the visitors of their merge groups. Whoever an inference was
// carried on by (via) counts as well. A cannot-link stands on either side's nodes, and holds whichever came first.
WITH start, inferred, whom, coalesce(inferred.via, []) AS between
WITH inferred, whom, between, COLLECT {
  // part: cannot_linked(told_ids: [start.identity_id] + between)
  RETURN DISTINCT apart
} AS apart_from
WHERE
  // Nobody on this side is cannot-linked to what the other identity follows, or to its user…
  NOT EXISTS {
    UNWIND apart_from AS apart
    MATCH
      (apart)
      // part: upwards(below: under, tie: way, above: over)
      ()-[:RESOLVES_TO]->{0,1}(whose)
    WHERE whose IN COLLECT {
      MATCH
        (whom)
        // part: upwards(below: beside, tie: path, above: beyond)
        ()-[:RESOLVES_TO]->{0,1}(led_to)
      RETURN led_to
    }
    RETURN apart
  } AND
  // …and at least one source, the other identity or a login that was carried on, is reached without crossing one.
  EXISTS {
    UNWIND coalesce(inferred.claims, [whom.identity_id]) AS source
    WITH source
    WHERE NOT EXISTS {
      UNWIND apart_from AS apart
      UNWIND between + source AS passed_id
      MATCH (:Identity {tenant: $tenant, identity_id: passed_id})-[:ON]->(:Jar)-[:IN]->(seen_on:Visitor)
      WHERE seen_on.root_id = apart.root_id
      RETURN seen_on
    }
    RETURN source
  }
