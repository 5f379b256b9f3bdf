// purpose: Whether a tenure is now, by facts, a user's who is hidden, or whose relationship with its visitor is hidden.
EXISTS {
  (tenure)
  // part: upwards
  (nearest)-[:RESOLVES_TO]->(owner:User)
  WHERE
    owner.hidden OR EXISTS {
      (tenure)-[:ON]->(:Jar)-[:IN]->(:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[identified:IDENTIFIED_AS]->(owner)
      WHERE NOT identified.visible
    }
}
