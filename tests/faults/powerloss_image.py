"""What is left of some files when the power goes: rebuilt from a system call trace.

A write reaches the disk for certain when an fsync of its file began after it and has returned. Whatever else was
written may be there or not, whole or in parts: `Disk.image` gives the image without any of it, or with a random part.
A new file's name is taken as safe with its first fsync (so do ext4 and xfs); a removed one as gone when its directory
is synced.

As a program: `python3 powerloss_image.py TRACE WATCHED_DIR IMAGE_DIR`. TRACE comes from
`strace -f -qq -xx -s 70000 -e trace=CALLS -o TRACE program`, with CALLS as below.
"""

import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

CALLS = "open,openat,close,write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2"
SECTOR_BYTES = 512

_CALL = re.compile(r"^(?P<tid>\d+) +(?P<name>\w+)\((?P<args>.*?)(?:\) += (?P<result>-?\d+).*| <unfinished \.\.\.>)$")
_RESUMED = re.compile(r"^(?P<tid>\d+) +<\.\.\. (?P<name>\w+) resumed>.*\) += (?P<result>-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class _File:
    """One file: its bytes as the programs see them, as the disk has them for certain, and what lies between."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.safe = bytearray()
        self.loose: list[tuple[int, bytes | None]] = []  # (offset, bytes), or (length, None) for a truncation

    def do(self, change: tuple[int, bytes | None]) -> None:
        _apply(self.seen, change)
        self.loose.append(change)

    def synced(self, first: int) -> None:
        """The changes before that one are on the disk."""
        for change in self.loose[:first]:
            _apply(self.safe, change)
        del self.loose[:first]


def _apply(data: bytearray, change: tuple[int, bytes | None]) -> None:
    place, written = change
    if written is None:
        del data[place:]
        data.extend(bytes(place - len(data)))
        return
    data.extend(bytes(max(0, place + len(written) - len(data))))
    data[place : place + len(written)] = written


class Disk:
    """The files below `watched`, as a trace goes on. `output` is what the program wrote to its standard output."""

    def __init__(self, watched: Path) -> None:
        self._watched = f"{watched}/"
        self._names: dict[str, _File] = {}
        self._safe_names: dict[str, _File] = {}
        self._open: dict[int, str | _File] = {}  # a directory's name, or a file
        self._removed: list[str] = []
        self._begun: dict[str, tuple[str, str, int]] = {}
        self.output = bytearray()

    def feed(self, line: str) -> None:
        """One line of the trace. Raises `ValueError` for one that says nothing this class knows: better no image than
        a wrong one."""
        if resumed := _RESUMED.match(line):
            name, args, loose = self._begun.pop(resumed["tid"])
            if name != resumed["name"]:
                raise ValueError(f"{name} was begun, {resumed['name']} resumed")
            self._done(name, args, int(resumed["result"]), loose)
        elif call := _CALL.match(line):
            loose = self._loose_before(call["name"], call["args"])
            if call["result"] is None:
                self._begun[call["tid"]] = (call["name"], call["args"], loose)
            else:
                self._done(call["name"], call["args"], int(call["result"]), loose)
        elif not re.match(r"^\d+ +(---|\+\+\+|<\.\.\.|\w+\(.*\) += \?)", line):
            raise ValueError(f"not a line of a trace: {line[:120]}")

    def image(self, into: Path, chance: random.Random | None = None) -> None:
        """The files as found after a power loss now. With `chance`, of what was not synced some sectors made it."""
        into.mkdir(parents=True)
        for path, file in self._safe_names.items():
            data = bytearray(file.safe)
            for change in file.loose if chance else ():
                for part in _sectors(change):
                    if chance is not None and chance.random() < 0.5:
                        _apply(data, part)
            (into / Path(path).name).write_bytes(data)

    def _loose_before(self, name: str, args: str) -> int:
        if name not in ("fsync", "fdatasync"):
            return 0
        file = self._open.get(int(args.split(",")[0]))
        return len(file.loose) if isinstance(file, _File) else 0

    def _done(self, name: str, args: str, result: int, loose: int) -> None:
        if result < 0:
            return
        if name in ("open", "openat"):
            self._opened(args, result)
        elif name in ("unlink", "unlinkat"):
            self._unlinked(_path(args))
        elif name.startswith("rename"):
            self._renamed(args)
        else:
            self._on_descriptor(name, args, result, loose)

    def _on_descriptor(self, name: str, args: str, result: int, loose: int) -> None:
        descriptor = int(args.split(",")[0])
        if name == "close":
            self._open.pop(descriptor, None)
            return
        if name == "write" and descriptor == 1:
            self.output += _text(args)[:result]
            return
        target = self._open.get(descriptor)
        if isinstance(target, str):
            if name in ("fsync", "fdatasync"):
                self._directory_synced(target)
        elif target is not None:
            self._on_file(target, name, args, result, loose)

    def _on_file(self, file: _File, name: str, args: str, result: int, loose: int) -> None:
        if name == "pwrite64":
            file.do((int(args.rsplit(",", 1)[1]), _text(args)[:result]))
        elif name == "write":
            file.do((len(file.seen), _text(args)[:result]))  # only ever to files written from their start
        elif name == "ftruncate":
            file.do((int(args.split(",")[1]), None))
        else:
            file.synced(loose)
            for path, named in self._names.items():
                if named is file:
                    self._safe_names[path] = file

    def _opened(self, args: str, descriptor: int) -> None:
        path = _path(args)
        self._open.pop(descriptor, None)
        if f"{path}/" == self._watched:
            self._open[descriptor] = path
        elif path.startswith(self._watched):
            file = self._names.setdefault(path, _File())
            if "O_TRUNC" in args:
                file.do((0, None))
            self._open[descriptor] = file

    def _unlinked(self, path: str) -> None:
        if self._names.pop(path, None) is not None:
            self._removed.append(path)

    def _renamed(self, args: str) -> None:
        old, new = (bytes.fromhex(found.replace("\\x", "")).decode() for found in _TEXT.findall(args))
        if old in self._names:
            self._names[new] = self._names.pop(old)
            self._removed.append(old)

    def _directory_synced(self, directory: str) -> None:
        for path in self._removed:
            if path not in self._names:
                self._safe_names.pop(path, None)
        self._removed.clear()
        self._safe_names |= self._names


def _sectors(change: tuple[int, bytes | None]) -> Iterator[tuple[int, bytes | None]]:
    place, written = change
    if written is None:
        yield change
        return
    for start in range(0, len(written), SECTOR_BYTES):
        yield place + start, written[start : start + SECTOR_BYTES]


def _text(args: str) -> bytes:
    found = _TEXT.search(args)
    if found is None or args[found.end() : found.end() + 3] == "...":
        raise ValueError("a string is cut off: trace with a larger -s")
    return bytes.fromhex(found[1].replace("\\x", ""))


def _path(args: str) -> str:
    return _text(args).decode()


def at_cuts(lines: Iterable[str], watched: Path, cuts: Iterable[int]) -> Iterator[tuple[int, Disk]]:
    """The disk after each of these many lines, ascending. It is the same object, growing."""
    disk, waiting = Disk(watched), sorted(set(cuts), reverse=True)
    for number, line in enumerate(lines, 1):
        disk.feed(line)
        while waiting and waiting[-1] == number:
            yield waiting.pop(), disk


def main() -> None:
    """The image at the end of a trace."""
    trace, watched, into = map(Path, sys.argv[1:4])
    disk = Disk(watched)
    for line in trace.read_text().splitlines():
        disk.feed(line)
    disk.image(into)


if __name__ == "__main__":
    main()
