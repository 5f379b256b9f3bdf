// purpose: Walk from a tenure down the ties that were open at a time ($at), to the tenures that had no `RESOLVES_TO` of their own then.
((above)<-[tie:TIED_TO|WAS_TIED_TO WHERE tie.since <= $at AND coalesce(tie.until > $at, true)]-(below
  WHERE NOT EXISTS {
    (below)-[edge:RESOLVES_TO|RESOLVED_TO]->()
    WHERE
      // part: open_at
  })){0,8}
