// purpose: Whether a jar was in a visitor by an edge (edge) at a time ($at). The first visitor that it is in, it was in ever since it
//          is known; its first visit may have arrived after others. Only a split opens another edge.
coalesce(edge.until > $at, true) AND (edge.since <= $at OR edge.method <> 'split')
