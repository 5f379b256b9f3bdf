// purpose: Record changes, one entry for each subject; the first entry of a change is also the call's `Message` if the call has a
//          message id.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {change_id STRING, subjects LIST<STRING>, act STRING, actor STRING, reason STRING NULL, before STRING NULL, after STRING NULL, at STRING, message_id STRING NULL, request_hash STRING NULL, answer STRING NULL}
// returns: nothing
// index:   none
UNWIND $rows AS row
// part: audit_entries
