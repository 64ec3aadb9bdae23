"""A primary, a replica and three Sentinels that promote it: real processes, as a province may have them."""

from typing import Final

from redis import Redis

from tests.services import RedisServer, wait_until

NAME: Final = "province"
DOWN_AFTER_MS: Final = 1_000
COUNT: Final = 3
QUORUM: Final = 2


class Replica(RedisServer):
    """Follows a primary until it is promoted."""

    def __init__(self, primary: RedisServer) -> None:
        super().__init__()
        self._primary = primary

    def _options(self) -> list[str]:
        return [*super()._options(), "--replicaof", "127.0.0.1", str(self._primary.port)]


class Sentinel(RedisServer):
    """One of those who watch. It writes down what it knows, so a restart begins where it was."""

    name = "sentinel"

    def __init__(self, primary: RedisServer) -> None:
        super().__init__()
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self.dir}",
            f"sentinel monitor {NAME} 127.0.0.1 {primary.port} {QUORUM}",
            f"sentinel down-after-milliseconds {NAME} {DOWN_AFTER_MS}",
            f"sentinel failover-timeout {NAME} 5000",
        ]
        self._config = self.dir / "sentinel.conf"
        self._config.write_text("\n".join(lines) + "\n", "utf-8")

    def knows(self, others: int) -> bool:
        """Whether it has found the replica and so many other Sentinels."""
        with Redis(port=self.port, decode_responses=True) as link:
            facts = link.sentinel_master(NAME)
        return (facts["num-slaves"], facts["num-other-sentinels"]) == (1, others)

    def _options(self) -> list[str]:
        return [str(self._config), "--sentinel"]


class Watched:
    """All of them. `url` is what a hub is told."""

    def __init__(self) -> None:
        self.primary = RedisServer()
        self.replica = Replica(self.primary)
        self.sentinels = [Sentinel(self.primary) for _ in range(COUNT)]

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{one.port}' for one in self.sentinels)}/{NAME}/0"

    def start(self) -> None:
        """Returns when every Sentinel knows the replica and the others."""
        for server in (self.primary, self.replica, *self.sentinels):
            server.start()
        wait_until(
            lambda: all(one.knows(COUNT - 1) for one in self.sentinels), 20.0, "the Sentinels to know each other"
        )

    def promoted(self) -> bool:
        """Whether the replica is the primary now."""
        with Redis(port=self.replica.port, decode_responses=True) as link:
            return bool(link.role()[0] == "master")

    def close(self) -> None:
        for server in (*self.sentinels, self.replica, self.primary):
            server.close()
