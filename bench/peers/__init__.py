"""Other servers measured beside the hub: for each a small program of ours around its published library, which does what
our viewers get (join a room, receive what is published to it) and takes messages by `POST /pub/ROOM`."""
