"""RTMP as a client (Adobe's specification 1.0): fetching what an encoder sent to an engine, and sending to a platform.

Written by hand because both need what libav does not give: the moment each message came, an address that was checked
before it is connected to, and keys that never stand in an address. `amf` and `chunks` are pure.
"""
