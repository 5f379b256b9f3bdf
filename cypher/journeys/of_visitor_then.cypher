// purpose: The next tenures, by first time, whose events made the journey of a visitor's merge group at a time, each with the confidence
//          that its jar was in its visitor.
// access:  read
// params:  tenant STRING, visitor_id STRING, at ZONED DATETIME, since ZONED DATETIME, until ZONED DATETIME, after_at ZONED DATETIME, after_id STRING, limit INTEGER
// returns: tenure_id STRING, visitor_id STRING, confidence FLOAT, first_seen INTEGER, last_seen INTEGER, events INTEGER
// index:   Visitor(tenant, visitor_id)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
USING INDEX SEEK named:Visitor(tenant, visitor_id)
WITH named
// part: survivor_then
MATCH
  (root)
  ((over)<-[down:MERGED_INTO|UNMERGED_FROM WHERE down.since <= $at AND coalesce(down.until > $at, true)]-(under)){0,8}
  (member)
MATCH (member)<-[inside:IN|WAS_IN]-(:Jar)<-[:ON]-(tenure:Tenure)
WHERE
  // part: inside_at(edge: inside)
  AND
  tenure.first_seen <= $at AND
  // part: next_streams
WITH root, inside, tenure
ORDER BY tenure.first_seen, tenure.identity_id
WITH root, inside, tenure
WHERE
  NOT
  // part: is_hidden_now
  AND
  // Leave out the tenures that were a user's who is hidden, or a user's whose relationship with this visitor is or was hidden.
  NOT EXISTS {
    MATCH
      (tenure)
      ((lesser
        WHERE NOT EXISTS {
          (lesser)-[edge:RESOLVES_TO|RESOLVED_TO]->()
          WHERE
            // part: open_at
        })-[climbed:TIED_TO|WAS_TIED_TO WHERE climbed.since <= $at AND coalesce(climbed.until > $at, true)]->(greater)){0,8}
      (nearest)
    MATCH (nearest)-[held:RESOLVES_TO|RESOLVED_TO]->(user:User)
    WHERE
      // part: open_at(edge: held)
      AND
      (user.hidden OR
        EXISTS {
          (tenure)-[:ON]->(:Jar)-[:IN]->(:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[hidden:IDENTIFIED_AS|WAS_IDENTIFIED_AS {visible: false}]->(user)
          WHERE coalesce(hidden.until >= $at, true)
        })
  }
LIMIT $limit
RETURN
  tenure.identity_id AS tenure_id,
  root.visitor_id AS visitor_id,
  inside.confidence AS confidence,
  tenure.first_seen.epochMillis AS first_seen,
  tenure.last_seen.epochMillis AS last_seen,
  tenure.events AS events
