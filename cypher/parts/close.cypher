// purpose: Close an edge (open) as its past type (closed): copy its properties, and add the time (at) and the change (change_id).
SET
  closed = properties(open),
  closed.until = at,
  closed.closed_by = change_id
DELETE open
