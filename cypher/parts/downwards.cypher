// purpose: Walk from a tenure down its ties to the tenures that follow it: those without a `RESOLVES_TO` of their own.
((above)<-[tie:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
