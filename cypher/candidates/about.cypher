// purpose: One page of the candidates in a state that a visitor's merge group is in, surest first; none that is hidden, or open though
//          somebody has decided about the two by now.
// access:  read
// params:  tenant STRING, visitor_id STRING, state STRING, confidence_min FLOAT, after_confidence FLOAT, after_id STRING, limit INTEGER
// returns: candidate_id STRING, one_id STRING, other_id STRING, state STRING, confidence FLOAT, addresses STRING, arithmetic STRING, found_at ZONED DATETIME, decided_at ZONED DATETIME NULL
// index:   Visitor(tenant, visitor_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, user_id, visitor_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
USING INDEX SEEK named:Visitor(tenant, visitor_id)
WITH named.root_id AS root_id
MATCH (visitor:Visitor {tenant: $tenant, root_id: root_id})
USING INDEX SEEK visitor:Visitor(tenant, root_id)
// A visitor has few candidates: the job looks at 30 neighbours at each of its addresses.
MATCH (visitor)-[candidate:MAY_BE]-(:Visitor)
WITH DISTINCT candidate, startNode(candidate) AS one, endNode(candidate) AS other
WHERE
  candidate.state = $state AND
  candidate.confidence >= $confidence_min AND
  (candidate.confidence < $after_confidence OR (candidate.confidence = $after_confidence AND candidate.candidate_id < $after_id)) AND
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
ORDER BY candidate.confidence DESC, candidate.candidate_id DESC
LIMIT $limit
