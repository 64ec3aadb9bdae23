"""Work done apart: in child processes that a hub supervises.

A thread of the hub that runs Python holds up every viewer: 400 writes took 2,115 ms beside a busy one, 5.7 ms alone
(DESIGN 5).
"""
