// purpose: Close an edge (open) as its past type (closed): copy its properties, and add the time and the change.
SET
  closed = properties(open),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE open
