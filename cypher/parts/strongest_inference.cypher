// purpose: The strongest inference (strongest) of a tenure without a user among those that no cannot-link forbids; only this one
//          counts.
CALL (tenure) {
  // The tenure's own inferences, and those of the top of its ties.
  MATCH (tenure)-[:TIED_TO*0..8]->(holder)-[inferred:PROBABLY]->(whom:Identity)
  WHERE holder = tenure OR NOT EXISTS { (holder)-[:TIED_TO]->() }
  // part: no_cannot_link(start: tenure)
  RETURN inferred AS strongest
  ORDER BY inferred.confidence DESC, inferred.last_seen DESC, whom.identity_id
  LIMIT 1
}
