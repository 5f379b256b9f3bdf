// purpose: When a call counts as received: a millisecond after its visitor's last closing, if it came in no later than that by
//          the servers' clocks; else null (docs/decisions/0016).
CASE
  WHEN visitor.last_closed_at >= received_at THEN visitor.last_closed_at + duration({milliseconds: 1})
END
