// purpose: The counts of a report from one day to another, in the order of days.
// access:  read
// params:  tenant STRING, report STRING, since STRING, until STRING, limit INTEGER
// returns: day STRING, name STRING, detail STRING, count INTEGER, counted_at ZONED DATETIME
// index:   DailyCount(tenant, report, day, name, detail)
MATCH (counted:DailyCount)
USING INDEX SEEK counted:DailyCount(tenant, report, day, name, detail)
WHERE
  counted.tenant = $tenant AND
  counted.report = $report AND
  counted.day >= $since AND
  counted.day <= $until AND
  counted.name IS NOT NULL AND
  counted.detail IS NOT NULL
WITH counted
ORDER BY counted.tenant, counted.report, counted.day, counted.name, counted.detail
LIMIT $limit
RETURN
  counted.day AS day,
  counted.name AS name,
  counted.detail AS detail,
  counted.count AS count,
  counted.counted_at AS counted_at
