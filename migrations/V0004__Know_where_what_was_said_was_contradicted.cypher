// What graphs from before do not hold: on which visitors what somebody said was contradicted, and which user ids that came
// with a visit were refused. Each in transactions of its own: a graph may have very many.

// By a merge that is still open on the other side of it, else on the visitor itself.
MATCH (visitor:Visitor)-[closed:COULD_NOT_LINK]->()
WHERE closed.closed_on IS NULL
CALL (visitor, closed) {
  OPTIONAL MATCH (visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[merged:MERGED_INTO]-(across:Visitor)
  WHERE merged.change_id = closed.closed_by
  WITH visitor, closed, head(collect(across.visitor_id)) AS across_id
  SET closed.closed_on = [coalesce(across_id, visitor.visitor_id)]
} IN TRANSACTIONS OF 1000 ROWS;

MATCH (visitor:Visitor)-[said:CANNOT_LINK|COULD_NOT_LINK]->(user:User)
MATCH (visitor)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
WHERE
  visit.collected_user_id = user.user_id AND
  visit.received_at >= said.since AND
  (said.until IS NULL OR visit.received_at < said.until)
CALL (visit) {
  SET visit.refused_user_id = visit.collected_user_id
  REMOVE visit.collected_user_id
} IN TRANSACTIONS OF 1000 ROWS;
