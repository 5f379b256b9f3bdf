// purpose: One page of the candidates in a state, surest first, in index order so that Neo4j sorts nothing; none that is hidden, or
//          open though somebody has decided about the two by now.
// access:  read
// params:  tenant STRING, state STRING, confidence_min FLOAT, after_confidence FLOAT, after_id STRING, limit INTEGER
// returns: candidate_id STRING, one_id STRING, other_id STRING, state STRING, confidence FLOAT, addresses STRING, arithmetic STRING, found_at ZONED DATETIME, decided_at ZONED DATETIME NULL
// index:   MAY_BE(tenant, state, confidence, candidate_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, user_id, visitor_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
MATCH (one:Visitor)-[candidate:MAY_BE]->(other:Visitor)
USING INDEX SEEK candidate:MAY_BE(tenant, state, confidence, candidate_id)
WHERE
  candidate.tenant = $tenant AND
  candidate.state = $state AND
  candidate.confidence >= $confidence_min AND
  candidate.confidence <= $after_confidence AND
  candidate.candidate_id IS NOT NULL AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN candidate.confidence = $after_confidence THEN candidate.candidate_id < $after_id ELSE true END AND
  // Neo4j plans what stands within a CASE by itself, so these are no CASE.
  ($state <> 'open' OR one.root_id <> other.root_id) AND
  ($state <> 'open' OR NOT
  // part: group_is_apart
  ) AND
  ($state <> 'open' OR NOT
  // part: group_is_apart(one: other, other: one)
  ) AND
  NOT
  // part: group_is_hidden(group: one)
  AND NOT
  // part: group_is_hidden(group: other)
RETURN
  candidate.candidate_id AS candidate_id,
  one.visitor_id AS one_id,
  other.visitor_id AS other_id,
  candidate.state AS state,
  candidate.confidence AS confidence,
  candidate.addresses AS addresses,
  candidate.arithmetic AS arithmetic,
  candidate.found_at AS found_at,
  candidate.decided_at AS decided_at
ORDER BY candidate.tenant DESC, candidate.state DESC, candidate.confidence DESC, candidate.candidate_id DESC
LIMIT $limit
