// purpose: Make all labels, relationship types and property keys known.
// access:  write
// params:  labels LIST<STRING>, types LIST<STRING>, property_keys LIST<STRING>
// returns: nothing
// index:   none
CALL () {
  UNWIND $labels AS label
  CALL db.createLabel(label)
}
CALL () {
  UNWIND $types AS type
  CALL db.createRelationshipType(type)
}
CALL () {
  UNWIND $property_keys AS property_key
  CALL db.createProperty(property_key)
}
