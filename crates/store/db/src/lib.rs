//! The pool, the managed cluster, migrations, the context of a verb, jobs, outbox and test databases.
