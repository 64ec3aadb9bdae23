"""Benchmarks of a hub: a load client, a plain C loop to compare with, and the command that runs both. Never imported by
the server; `docs/performance.md` says how to repeat a measurement."""
