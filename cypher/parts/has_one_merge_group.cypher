// purpose: Whether visitors of one merge group alone have a fingerprint; a crowd is not looked at.
COUNT {
  MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(sharer:Visitor)
  WHERE visitors < crowd
  RETURN DISTINCT sharer.root_id
  LIMIT 2
} = 1
