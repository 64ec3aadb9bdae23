"""External engines that take an encoder's stream: what they ask of the hub, what the hub asks of them, and where
viewers find the picture. One file per engine; `engine` says what each can do, `inlets` runs what they bring in.
"""
