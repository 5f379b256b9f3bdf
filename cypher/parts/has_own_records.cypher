// purpose: Whether a relationship's edge (identified) has records of its own: a survivor's may hold only what merged visitors
//          count into it.
coalesce(
  identified.stated_count,
  identified.verified_count,
  identified.claimed_count,
  identified.collected_count
) IS NOT NULL
