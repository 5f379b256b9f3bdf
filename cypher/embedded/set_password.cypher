// purpose: Change the password of the user who asks, which a new server demands before it answers anything else.
// access:  schema
// params:  old STRING, new STRING
// returns: nothing
// index:   none
ALTER CURRENT USER SET PASSWORD FROM $old TO $new
