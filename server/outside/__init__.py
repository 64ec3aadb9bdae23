"""What the house says to the world outside: one HTTP client, and the sender of messages to phones.

May import only the core. Whoever sends hands over a `Message` with a key; a sender may try several times with it.
"""
