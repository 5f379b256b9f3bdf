// purpose: Record how a job ended, and end its lease so that others can take it.
// access:  write
// params:  tenant STRING, name STRING, runner STRING, now ZONED DATETIME, done INTEGER, outcome STRING
// returns: nothing
// index:   Job(tenant, name)
MATCH (job:Job {tenant: $tenant, name: $name})
WHERE job.runner = $runner
SET
  job.leased_until = $now,
  job.finished_at = $now,
  job.done = $done,
  job.outcome = $outcome,
  job.place = CASE $outcome WHEN 'done' THEN null ELSE job.place END
