// purpose: Whether an edge (edge) was open at a time ($at).
edge.since <= $at AND coalesce(edge.until > $at, true)
