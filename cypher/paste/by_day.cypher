// purpose: List what was counted by day: how relationships formed, how visits were recognised, how many people they were.
// access:  read
// params:  tenant STRING, report STRING, since STRING, until STRING, limit INTEGER
// returns: day STRING, name STRING, detail STRING, count INTEGER
// index:   DailyCount(tenant, report, day, name, detail)
// given:   tenant = 'demo': The tenant to read.
//          report = 'reach': The report, such as relationships, identities, visits, reach, first_logins, devices or confidence.
//          since = '': The first day, such as 2026-03-01. Empty means no bound.
//          until = '': The day before which a day has to be. Empty means no bound.
//          limit = 100: The most rows to return, latest day first.
// paste:   :params {tenant: 'demo', report: 'reach', since: '', until: '', limit: 100}
// example: | day        | name       | detail | count |
//          |------------|------------|--------|-------|
//          | 2026-03-17 | identities |        | 38    |
//          | 2026-03-17 | sessions   |        | 44    |
//          | 2026-03-17 | users      |        | 37    |
//          | 2026-03-17 | visitors   |        | 38    |
//          | 2026-03-14 | identities |        | 1     |
//          | 2026-03-14 | sessions   |        | 2     |
//          | 2026-03-14 | users      |        | 1     |
//          | 2026-03-14 | visitors   |        | 2     |
//          | 2026-03-04 | identities |        | 1     |
//          | 2026-03-04 | sessions   |        | 1     |
//          | 2026-03-04 | users      |        | 1     |
//          | 2026-03-04 | visitors   |        | 1     |
MATCH (counted:DailyCount)
USING INDEX SEEK counted:DailyCount(tenant, report, day, name, detail)
WHERE
  counted.tenant = $tenant AND
  counted.report = $report AND
  counted.day >= CASE $since WHEN '' THEN '0' ELSE left($since, 10) END AND
  counted.day < CASE $until WHEN '' THEN 'A' ELSE left($until, 10) END AND
  counted.name IS NOT NULL AND
  counted.detail IS NOT NULL AND
  counted.count > 0
WITH counted
ORDER BY counted.tenant DESC, counted.report DESC, counted.day DESC, counted.name DESC, counted.detail DESC
LIMIT toInteger($limit)
RETURN
  counted.day AS day,
  counted.name AS name,
  counted.detail AS detail,
  counted.count AS count
ORDER BY day DESC, name, detail
