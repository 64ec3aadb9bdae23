"""The durable truth: tables, the log, group commit, queries by subject. The only room that knows SQL."""
