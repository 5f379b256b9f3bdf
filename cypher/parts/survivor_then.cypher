// purpose: The survivor (root) of a visitor's (named) merge group at a time ($at), by the merges that were open then.
MATCH
  (named)
  ((lesser)-[up:MERGED_INTO|UNMERGED_FROM WHERE up.since <= $at AND coalesce(up.until > $at, true)]->(greater)){0,8}
  (root)
WHERE
  NOT EXISTS {
    (root)-[edge:MERGED_INTO|UNMERGED_FROM]->()
    WHERE
      // part: open_at
  }
