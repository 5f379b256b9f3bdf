// purpose: The visitors whose relationship with an identity is hidden, or was hidden when it was closed after a time ($at)
//          (hidden_visitors).
CALL (identity) {
  // part: hidden_visitors
  RETURN
    hidden_visitors +
    COLLECT {
      MATCH (identity)<-[closed:WAS_IDENTIFIED_AS]-(hidden:Visitor)
      WHERE NOT closed.visible AND closed.until >= $at
      RETURN hidden.root_id
    } AS hidden_there
}
WITH *, hidden_there AS hidden_visitors
