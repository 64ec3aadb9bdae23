"""Puts the doors of a house together from its parts; `app` opens and closes what needs it."""

from server.assembling.house import VERSION, Assembly
from server.assembling.start import Start, WorkerPlace

__all__ = ["VERSION", "Assembly", "Start", "WorkerPlace"]
