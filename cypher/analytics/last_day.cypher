// purpose: The last day of which a report was counted; no row if it never was.
// access:  read
// params:  tenant STRING, report STRING
// returns: day STRING
// index:   DailyCount(tenant, report, day, name, detail)
MATCH (counted:DailyCount)
USING INDEX SEEK counted:DailyCount(tenant, report, day, name, detail)
WHERE
  counted.tenant = $tenant AND
  counted.report = $report AND
  counted.day > '' AND
  counted.name IS NOT NULL AND
  counted.detail IS NOT NULL
RETURN counted.day AS day
ORDER BY counted.tenant DESC, counted.report DESC, counted.day DESC, counted.name DESC, counted.detail DESC
LIMIT 1
