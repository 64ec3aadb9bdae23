"""The Python client of a hub: `connect` for the websocket, `Doors` for HTTP."""

from clients.python.client import Session, connect
from clients.python.doors import Doors, Ticket
from clients.python.far_token import FarToken
from clients.python.follow import Arrived, Fresh, Item, Latest
from clients.python.membership import Membership

__all__ = ["Arrived", "Doors", "FarToken", "Fresh", "Item", "Latest", "Membership", "Session", "Ticket", "connect"]
