-- The next parcel of a channel: the first that lies here, if its time has come and nobody carries it already.
SELECT p.id FROM exchange.parcel p JOIN exchange.channel c ON c.id = p.channel
WHERE p.channel = $1 AND NOT c.paused AND p.state = 'sent' AND p.due <= $2
  AND NOT EXISTS (SELECT 1 FROM exchange.parcel q
                  WHERE q.channel = p.channel AND q.state = 'sent' AND q.seq < p.seq)
ORDER BY p.seq LIMIT 1
FOR UPDATE OF p SKIP LOCKED
