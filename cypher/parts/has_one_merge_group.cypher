// purpose: Whether exactly one merge group has a fingerprint; a crowd is not looked at and gives false.
COUNT {
  MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(sharer:Visitor)
  WHERE visitors < crowd
  RETURN DISTINCT sharer.root_id
  LIMIT 2
} = 1
