"""`daigang protocol --write|--check`: the protocol in print."""

import argparse
import sys
from pathlib import Path

from server.core.reference import protocol_js, protocol_md, protocol_types_js

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = ROOT / "clients" / "web" / "shared"
FILES = {
    ROOT / "docs" / "protocol.md": protocol_md,
    SHARED / "protocol.js": protocol_js,
    SHARED / "protocol_types.js": protocol_types_js,
}


def run(arguments: argparse.Namespace) -> int:
    """Write the files, or say which ones are not what the code says."""
    stale = [path for path, make in FILES.items() if not path.exists() or path.read_text("utf-8") != make()]
    if arguments.check:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code says: daigang protocol --write", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[path](), "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0
