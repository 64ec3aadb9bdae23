"""`daigang restore`, `daigang prune` and `daigang key`."""

import argparse
import asyncio
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.assembling.trust import public_text
from server.cli import Mistake, configured
from server.config import Config
from server.jobs.clearing import ClearingJob
from server.media.clearing import Take
from server.opening import now_ms, opened, recordings_of, secrets_of, store_url
from server.store import retention
from server.store.store import renew


def restore(arguments: argparse.Namespace) -> int:
    """Renew the epoch."""
    config = configured(arguments)
    epoch = asyncio.run(renew(store_url(config), Path(config.server.var_dir)))
    print(
        f"The store has a new epoch, {epoch}. Offsets go on; every viewer that comes back gets the snapshot instead\n"
        "of 'recovered', because what it saw after the copy was made is not in this database. Start the hubs now."
    )
    return 0


def prune_store(arguments: argparse.Namespace) -> int:
    """Delete in small pieces, so that a running hub's writes never wait long."""
    deleted, films = asyncio.run(_prune(configured(arguments)))
    print(f"{deleted} entries, keys and audit lines were older than retention asks to keep and are gone.")
    size = sum(film.bytes for film in films)
    print(f"{len(films)} recordings, {size} bytes, likewise (audit log and recordings/deleted.jsonl).")
    return 0


async def _prune(config: Config) -> tuple[int, tuple[Take, ...]]:
    kept = config.retention
    days = {
        "session": kept.session_days,
        "chat": kept.chat_days,
        "application": kept.application_days,
        "position": kept.application_days,
        "audit": kept.audit_days,
    }
    async with opened(config) as store:
        try:
            gone = await store.forget_old(days)
        except ValueError as error:
            raise Mistake(f"retention: {error}") from None
        try:
            films = await ClearingJob(
                store, recordings_of(config), kept.session_days * retention.DAY_MS, now_ms
            ).clear()
        except OSError as error:
            raise Mistake(f"recordings: {error}") from None
        return gone, films


def show_key(arguments: argparse.Namespace) -> int:
    """Print the public key of this house."""
    seed = secrets_of(configured(arguments)).signing_seed
    print(public_text(Ed25519PrivateKey.from_private_bytes(seed)))
    return 0
