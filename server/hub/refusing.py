"""What an exception becomes for whoever asked: the one place where a refusal gets the id of its command."""

import logging

import msgspec

from server.core.protocol import CommandBase, Refused, refused
from server.core.refusal import Code, Refusal
from server.store.troubles import where_of

log = logging.getLogger(__name__)


def refusal_to(command: CommandBase, error: Exception) -> Refused:
    """The reply. A refusal may be shared by many who waited for the same thing, so it is not written to; of anything
    else the log gets the kind and the place, never its text: that may hold a name or a phone number."""
    if not isinstance(error, Refusal):
        log.error("command %s failed: %s", command.__struct_config__.tag, where_of(error))
        error = Refusal(Code.UNAVAILABLE, temporary=True, what="hub")
    return msgspec.structs.replace(refused(error), id=command.id)
