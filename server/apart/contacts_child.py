"""The child process that reads contacts: `python -m server.apart.contacts_child FILE`.

It answers on its standard output, in msgpack: names and numbers touch no disk on their way to the sealed invitations.
"""

import sys
from pathlib import Path

from server.apart.import_child import limit


def main() -> int:
    """Limits first, then everything else is loaded."""
    limit()
    import msgspec

    from server.core.contacts import contacts_of
    from server.core.refusal import Refusal
    from server.store.workbook_files import read_workbook

    try:
        contacts = contacts_of(read_workbook(Path(sys.argv[1]).read_bytes()))
    except Refusal as refusal:
        sys.stdout.buffer.write(msgspec.msgpack.encode(str(refusal.params.get("why", "unreadable"))))
        return 1
    sys.stdout.buffer.write(msgspec.msgpack.encode(contacts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
