// purpose: From a tenure down its ties to the unclaimed ones that follow it.
((above)<-[tie:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
