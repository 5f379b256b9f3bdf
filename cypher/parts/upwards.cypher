// purpose: From a tenure up its ties as long as each is unclaimed: whatever resolves to a user first ends the way.
((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[tie:TIED_TO]->(above)){0,8}
