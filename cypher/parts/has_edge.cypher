// purpose: Whether anything is joined to a user (user). That the user was in a cluster when these were found joins nothing.
EXISTS {
  (user)-[joined]-()
  WHERE NOT joined:IN_CLUSTER
}
