// purpose: Which of these hashes are tombstones.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {hashes LIST<STRING>}
// returns: erased LIST<MAP>
// index:   Tombstone(tenant, hash)
UNWIND $rows AS row
// part: erased
RETURN erased
