// purpose: When a call counts as received, where that is after what was closed on its visitor by a clock that was ahead
//          (docs/decisions/0016); else null.
CASE
  WHEN visitor.last_closed_at >= row.received_at THEN visitor.last_closed_at + duration({milliseconds: 1})
END
