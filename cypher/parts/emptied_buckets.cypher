// purpose: Take a fingerprint out of its buckets (in_bucket, bucket), and delete each bucket that has nothing else.
DELETE in_bucket
WITH bucket
ORDER BY bucket.band, bucket.key
// An init that looked the bucket up may be about to add to it.
SET bucket._lock = true
WITH bucket
WHERE NOT EXISTS { (bucket)<-[:IN_BUCKET]-() }
DELETE bucket
