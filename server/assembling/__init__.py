"""Puts the doors of a house together from its parts; `app` opens and closes what needs it."""

from server.assembling.house import VERSION, Assembly, Neighbours, Start

__all__ = ["VERSION", "Assembly", "Neighbours", "Start"]
