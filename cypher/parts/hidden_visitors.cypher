// purpose: The visitors whose relationship with an identity is hidden (hidden_visitors): hardly an identity has any.
WITH identity, COLLECT {
  MATCH (identity)<-[identified:IDENTIFIED_AS]-(hidden:Visitor)
  WHERE NOT identified.visible
  RETURN hidden.visitor_id
} AS hidden_visitors
