// purpose: The order in which visitors are locked: survivors before those merged into them, so that acts which lock different
//          parts of a merge group meet at its survivor and not in the middle.
ORDER BY visitor.root_id <> visitor.visitor_id, visitor.visitor_id
