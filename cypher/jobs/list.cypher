// purpose: A tenant's jobs: who ran each last, since when, and how it ended.
// access:  read
// params:  tenant STRING
// returns: name STRING, runner STRING NULL, leased_until ZONED DATETIME NULL, started_at ZONED DATETIME NULL, finished_at ZONED DATETIME NULL, done INTEGER NULL, outcome STRING NULL
// index:   Job(tenant, name)
MATCH (job:Job)
WHERE job.tenant = $tenant AND job.name > ''
RETURN
  job.name AS name,
  job.runner AS runner,
  job.leased_until AS leased_until,
  job.started_at AS started_at,
  job.finished_at AS finished_at,
  job.done AS done,
  job.outcome AS outcome
ORDER BY job.tenant, job.name
