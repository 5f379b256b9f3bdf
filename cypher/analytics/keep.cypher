// purpose: Keep the counts of a day in the place of those that were kept of it before.
// access:  write
// params:  tenant STRING, day STRING, at ZONED DATETIME, reports LIST<STRING>, rows LIST<MAP> {report STRING, name STRING, detail STRING, count INTEGER}
// returns: nothing
// index:   DailyCount(tenant, report, day, name, detail)
CALL () {
  UNWIND $reports AS report
  MATCH (before:DailyCount)
  USING INDEX SEEK before:DailyCount(tenant, report, day, name, detail)
  WHERE
    before.tenant = $tenant AND
    before.report = report AND
    before.day = $day AND
    before.name IS NOT NULL AND
    before.detail IS NOT NULL
  DELETE before
}
UNWIND $rows AS row
CREATE (:DailyCount {
  tenant: $tenant,
  report: row.report,
  day: $day,
  name: row.name,
  detail: row.detail,
  count: row.count,
  counted_at: $at
})
