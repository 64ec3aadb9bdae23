"""The listening socket and TLS: made by us, because every accepted socket inherits what is set here."""

import asyncio
import contextlib
import errno
import os
import socket
import ssl

import msgspec

from server.config import ConfigError, Limits, Server

BACKLOG = 4096
"""Connections the kernel holds for us: 20,000 viewers come back within ten seconds (DESIGN 6)."""


ACCEPTED_AT_ONCE = 64
"""Connections taken in one turn of the loop. asyncio takes as many as the backlog in one go; of thousands that come
back at once each turn's newcomers would then push out those whose request is there and not read yet, and nobody would
ever get in (19,600 viewers after a kill, on a busy machine: none in 90 s)."""


class CannotListen(Exception):
    """The address cannot be had; the message is a sentence for the person who started the hub."""


def bind(server: Server, limits: Limits, *, shared: bool = False) -> socket.socket:
    """A bound socket that does not listen yet; `shared`: with other processes of this user that ask for the same
    (SO_REUSEPORT), the kernel gives each new connection to one of those that listen. Raises `CannotListen`.

    `SO_SNDBUF` is inherited by accepted sockets on Linux and macOS; the kernel doubles the value for its own needs.
    """
    host = "127.0.0.1" if server.host == "localhost" else server.host
    try:
        found = socket.getaddrinfo(host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise CannotListen(f"server.host: {server.host} is no address of this machine ({error.strerror})") from None
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.sndbuf_bytes)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(address)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise CannotListen(_sentence(error, server)) from None
    return sock


def hold(server: Server, limits: Limits) -> socket.socket:
    """The port of several processes, held for them: nobody connects to it, and port 0 has its number. First alone, so
    that a stranger on that port is noticed: one that shares it too would take a part of the viewers. Raises
    `CannotListen`."""
    with bind(server, limits) as alone:
        port = alone.getsockname()[1]
    return bind(msgspec.structs.replace(server, port=port), limits, shared=True)


def _sentence(error: OSError, server: Server) -> str:
    where = f"{server.host} port {server.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use by another program: stop it, or choose another port (DAIGANG_PORT=8081, --port 8081)"
    if error.errno == errno.EACCES:
        return f"{where}: the system allows ports below 1024 to root only; let nginx listen there"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"server.host: {server.host} is no address of this machine"
    return f"{where}: {error.strerror}"


def hold_many(server: asyncio.Server) -> None:
    """Let the kernel hold BACKLOG connections for a server that takes ACCEPTED_AT_ONCE in a turn: to asyncio both are
    one number."""
    for sock in server.sockets:
        with socket.socket(sock.family, sock.type, sock.proto, fileno=os.dup(sock.fileno())) as same:
            same.listen(BACKLOG)


def tls_context(server: Server) -> ssl.SSLContext | None:
    """The context for `server.tls_cert`, None without one. Raises `ConfigError`."""
    if not server.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    load_certificate(context, server)
    return context


def load_certificate(context: ssl.SSLContext, server: Server) -> None:
    """Read certificate and key (again): connections made from now on see the new one. Raises `ConfigError`."""
    try:
        context.load_cert_chain(server.tls_cert, server.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"server.tls_cert, server.tls_key: cannot be used ({error})") from None
