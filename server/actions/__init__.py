"""What people do, one function each: it decides with `core.rules`, writes to the store, and returns what became of it.

An action takes the store, who asks, the command and the time, and returns `Committed`: the reply and the publications
that the caller hands to fan-out and bus. It raises `Refusal` and nothing else on purpose.
"""
