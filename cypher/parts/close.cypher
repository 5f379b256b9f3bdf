// purpose: Close an edge as its past type (closed), with the time and the change; what it said stays.
SET
  closed = properties(open),
  closed.until = $at,
  closed.closed_by = $change_id
DELETE open
