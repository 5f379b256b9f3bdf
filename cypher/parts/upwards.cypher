// purpose: Walk from a tenure up its ties; the first tenure that has a `RESOLVES_TO` ends the way.
((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[tie:TIED_TO]->(above)){0,8}
