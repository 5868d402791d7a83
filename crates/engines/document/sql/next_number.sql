-- The next place in a sequence. The row stays locked until the paper is committed or given up.
INSERT INTO document.counter AS counter (kind, scope, last) VALUES ($1, $2, 1)
ON CONFLICT (kind, scope) DO UPDATE SET last = counter.last + 1
RETURNING last
