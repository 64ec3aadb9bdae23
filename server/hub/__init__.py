"""Live sockets: who is here, what they ask, and how what happened reaches them."""
