"""The prose of `docs/protocol.md`: what the tables can't say.

Numbers come from `limits`, bytes from `examples`.
"""
# ruff: noqa: E501 (rows of Markdown tables can't be broken)

from typing import NamedTuple

from server.core import limits as n
from server.core.channels import Kind


class ChannelText(NamedTuple):
    """What a kind of channel is about: its subject, who may join it, what travels, what a newcomer gets."""

    subject: str
    who: str
    what: str
    fresh: str


CHANNEL_TEXT: dict[Kind, ChannelText] = {
    Kind.STAGE: ChannelText(
        "SESSION",
        "everyone",
        "`state_changed`, `card_shown`, `card_hidden`, `card_undone`, `card_updated`, `shelf_changed`, `notice_pinned`, `launched`, "
        "`notice_cleared`, `picture_set`, `talk_ruled`",
        "`StageSnapshot`",
    ),
    Kind.CHAT: ChannelText(
        "SESSION",
        "everyone",
        "`line`, `line_removed`, `answered`",
        f"the last {n.CHAT_BACKLOG} lines in `entries`, without removed ones",
    ),
    Kind.DESK: ChannelText(
        "SESSION",
        "its host and assistants",
        "`application_came`, `question_asked`, `answered`, `line_waits`, `line_settled`, `muted`, `unmuted`, "
        "`cut_off_for`",
        "nothing: ask `list_desk`",
    ),
    Kind.FIRM: ChannelText(
        "ENTERPRISE",
        "its HR and specialist",
        "`application_new`, `application_moved` (ids only)",
        "nothing: ask `list_applications`",
    ),
    Kind.ME: ChannelText("PERSON", "that person", "`application_new`, `application_moved`", "`MeSnapshot`"),
    Kind.AREA: ChannelText("REGION", "everyone", "`room_changed`", "`AreaSnapshot`"),
    Kind.WATCH: ChannelText(
        "REGION",
        "operators of a branch that holds the region",
        "`reported`, `report_settled`",
        "nothing: ask `list_reports`",
    ),
    Kind.HOUSE: ChannelText("PROVINCE", "hubs only", "`revoked`", "not for clients"),
    Kind.PULSE: ChannelText(
        "SESSION` or `pulse/REGION",
        "a session's: everyone; a region's: its operators",
        "`pulse` messages, never a `push`",
        "a `pulse` as soon as there is one",
    ),
}


def chapters(tables: dict[str, str]) -> str:
    """The page, with the tables of that name put in."""
    return (
        "\n\n".join(
            [
                _INTRO,
                _FRAMING,
                _HELLO,
                _COMMANDS,
                "## 4. Channels\n\n" + tables["channels"] + "\n\n" + _CHANNELS,
                _RECOVERY,
                _PINGS,
                "## 7. Closing and coming back\n\n" + tables["closes"] + "\n\n" + _CLOSING,
                _KEYS,
                "## 9. Refusals\n\n" + _REFUSALS + "\n\n" + tables["codes"],
                _HTTP,
                _POLLING,
                "## 12. Limits\n\n" + _LIMITS + "\n\n" + tables["limits"],
                _VERSIONS,
                "## 14. Commands\n\nEvery command may carry `id`. A field that is not in its table makes the command"
                " `bad_message`.\n\n" + tables["commands"],
                "## 15. Replies\n\n`id` is the command's.\n\n" + tables["replies"],
                "## 16. Pushes\n\nWhat a hub sends unasked; none has an `id`.\n\n" + tables["pushes"],
                "## 17. Bodies\n\nWhat stands in `push.body` and `joined.entries[].body`.\n\n" + tables["bodies"],
                "## 18. Snapshots\n\nWhat stands in `joined.snapshot`.\n\n" + tables["snapshots"],
                "## 19. Pulse bodies\n\nWhat stands in `pulse.body`.\n\n" + tables["pulses"],
                "## 20. Nouns\n\nFair, Venue, Region, ShelfSlot and Enterprise travel over HTTP only.\n\n"
                + tables["nouns"],
                "## 21. Enumerations\n\n" + tables["choices"],
                tables["examples"],
            ]
        )
        + "\n"
    )


_INTRO = f"""# The daigang protocol, version {n.PROTOCOL_VERSION}

Generated from `server/core` by `daigang protocol --write`; a test holds this page equal to the code.

A client talks to a hub in two ways that mean the same: a websocket (`/ws`), and plain HTTP (`POST /api/commands`).
A **command** is answered by one **reply**. What happens is an **entry** of a **channel**, an ordered log; members of
a channel get each new entry as a **push**. An entry has an **offset** (1, 2, 3 … without holes) within one **epoch**,
one life of that log.

Three promises:

1. An application you got a `receipt` for is on disk, exactly once.
2. An entry of a complete channel reaches every member, in order, once, or the member is told to start afresh.
3. Everything else (numbers, chat under flood) is the latest we know, and may be skipped.

Times are integer milliseconds since 1970-01-01 UTC (`_at_ms`, `_ms`). Ids are opaque strings. Money is whole yuan a
month. Server messages leave out fields that hold their default; some may instead be there as null or empty: read both."""

_FRAMING = f"""## 1. Framing

The websocket is at `wss://HOST/ws`, without subprotocol and without compression. Every websocket message is
**binary**; a text message is closed with 4500.

* Towards the hub: one msgpack map per websocket message, at most {n.MAX_IN_BYTES} bytes, nested at most
  {n.MAX_NESTING} deep, map keys are strings, no extension types.
* From the hub: **one or more** msgpack maps, one after another, in one websocket message of at most
  {n.MAX_OUT_BYTES} bytes (a single longer reply goes alone). Handle them in the order they stand.

Each map has `t`, the type. Commands have an `id`, an integer from 0 to 2^53 that the client counts up within one
connection; the reply carries the same `id`. Whatever arrives on one connection is in the order the hub decided on;
replies to two commands need not come in the order of the commands."""

_HELLO = f"""## 2. Hello, tokens

The first message is `hello` with the protocol version and a bearer token (section 10 tells where tokens come from),
within {n.HELLO_WITHIN_S:g} s, else close 4501. The hub answers `welcome` and only then anything else. There are no
cookies, and a token never stands in a URL.

An `Origin` must be one of the hub's own, exactly; the upgrade is answered with 403 otherwise. Without `Origin` the
token must be of kind `client`; tokens of `POST /api/guest` and `POST /api/sign-in` are of kind `browser`, so a program
that uses one names the hub's own origin.

Who is not welcome gets `refused`, and then the connection is closed:

| why | code of the refusal | close code |
|---|---|---|
| something else came before `hello` | `out_of_turn` | 4501 |
| a version the hub does not speak: a page loads itself anew | `upgrade` | 4500 |
| a token that proves nobody, or was revoked | `not_signed_in` | 4501 |
| a token that has ended: get a fresh one | `token_expired` | 4005 |
| no `Origin` and no token of kind `client` | `forbidden` | 4502 |

A hub that is starting or stopping, or has too many strangers, answers the upgrade with 503: come back.

* `welcome.until_ms` is when the token ends. Before that, get a newer one (`POST /api/renew`) and send it with
  `renew`; the connection goes on. Otherwise the hub closes with 4005 at that time.
* `welcome.now_ms` is the hub's clock: keep the difference to yours if you show times."""

_COMMANDS = """## 3. Commands and replies

Each command but `pong` gets exactly one reply: the one named in its description, or `refused`. A `done` means that it
is true now (committed). The entry a command caused also comes as a `push` to members, the sender included, before or
after the reply. If the connection ends before the reply, send the same command with the same `key` on the next one:
it is done once (section 8)."""

_CHANNELS = f"""A channel name is KIND/SUBJECT, the subject at most 64 characters. `join` makes the connection a member
and is answered by `joined`; `leave` ends that. One connection may have joined {n.CHANNELS_LIMIT} channels. A `joined`
that is not `recovered` carries what a newcomer needs:

{chr(10).join(f"* `{kind.value}/`: {text.fresh}" for kind, text in CHANNEL_TEXT.items())}

The shelf of a session is plain HTTP at an immutable address: `GET /api/sessions/SESSION/shelf/REVISION`, the revision
being `session.shelf_revision` of the snapshot, then that of the last `shelf_changed`. `card_shown` carries the card as
shown, so no second request is needed to show it.

`chat/` is sampled under flood: its offsets grow but may skip, and that is no gap to be filled. `pulse/` has no log:
its `joined` has offset 0, and each `pulse` replaces the one before.

A session of another province is `SESSION@CODE` here: its `stage/`, `chat/` and `pulse/` are read from this hub, as they
come from there. Lines, applications and everything else is posted to its home, `home` in the snapshot, with a token for it
alone (`POST /api/tokens/for`), never the one that is good here; its owner is a guest there. Ids that travel are its home's."""

_RECOVERY = f"""## 5. Order, gaps, recovery

For every joined channel keep `epoch` and `offset`, the last entry you have handled. From `joined`: if `recovered`,
handle its `entries` in order, each with offset exactly one more than the last (chat: greater than the last). If not `recovered`: throw away what you
had of that channel, start from `snapshot`, then (chat) show `entries`. Both ways, keep `epoch` and `offset` of the
`joined`.

For each `push` of a complete channel:

| `push` | do |
|---|---|
| of a channel that is not joined, or left | ignore it |
| other `epoch` than yours | send `join` without `since` |
| `offset` <= yours | ignore it, you had it |
| `offset` = yours + 1 | handle it, keep the offset |
| `offset` > yours + 1 | a gap: hold it back, send `join` with `since` {{epoch, offset}} of yours (once, not per push) |

While a `join` is under way, hold back pushes that do not continue your offset, and apply those beyond the `joined`
after it. `join` on a channel that is joined already is allowed and means just this. A push may be held back in a
bounded buffer or dropped: the next `ping` or the `joined` uncovers what is missing.

For chat: ignore an offset <= yours, handle any greater one.

After every reconnect send `join` with `since` for each channel. The hub gives up to {n.RECOVERY_LIMIT} missed entries;
who missed more, or comes from another epoch, or claims an offset the log does not have, gets `recovered: false` and
the snapshot. A client never needs to know why.

`restart` for a channel means: it can't be continued here; send `join` without `since`."""

_PINGS = f"""## 6. Pings

The hub sends `ping` every {n.PING_EVERY_S:g} s, first after a random part of that; answer with `pong` within
{n.PONG_WITHIN_S:g} s. `ping.tops` are the newest offsets of the complete channels you have joined. If one is greater
than yours, wait a moment (its push may be on its way), then send `join` with `since`: that uncovers a lost *last* entry, which
no gap reveals.

What carries a moment of the hub's clock (`launch.show_at_ms`) is shown at that moment by every client. How far the hub is
ahead of you: at least `stamp - when it came` for every stamp (`welcome.now_ms`, `ping.at_ms`), at most `stamp - when you
sent` for one made after it (`welcome.now_ms` after your `hello`, `ping.pong_at_ms` after your last `pong`). Take the
middle between the highest of the former and the lowest of the latter; when they contradict, the latest.

A client that has heard nothing for {n.PING_EVERY_S + n.PONG_WITHIN_S:g} s holds the link for dead: drop it without
waiting for a closing handshake, and reconnect."""

_CLOSING = f"""Only the range matters: **4000-4499 come back, 4500-4999 do not** (not by yourself). Anything else, 1006
and a refused connection included, is a lost link: come back.

Backoff with jitter: after k failures in a row (0, 1, 2 …) wait a random time between {n.BACKOFF_MIN_S:g} and
min({n.BACKOFF_MAX_S:g}, {n.BACKOFF_FIRST_S:g} x 2^k) s. Start again at 0 once a connection has been welcomed. A page that comes to the
foreground, or hears that the network is back, connects at once. After 4005 get a fresh token first. A viewer that
reads too slowly is not sent a close frame: its link is cut."""

_KEYS = f"""## 8. Idempotency keys

Commands that change something carry `key`, 8 to {n.KEY_LIMIT} characters of the client's choice, random enough to be
its own (a UUID will do), none a control character, as in every id. The same person, key and command again is answered as
the first time, and done once; keys are remembered for {n.KEYS_KEPT_DAYS} days. The same key with another command is
refused with `key_reused`. Use a new key for each intention of the person, the same key for each attempt at it.

`apply` is safe beyond its key: the same phone and `for_whom` for one position is one application; the `receipt` then
says `already`."""

_REFUSALS = """`refused` says `code`, `params` and `temporary`. Params never hold personal data; a client makes the sentence. `temporary: true` means: the same command with the same key may succeed
later, after `params.retry_ms` if that is given. Without `temporary`, do not repeat it by yourself.

A message that is no command at all, so that not even an `id` can be read, is refused with `id` 0, and the websocket is
closed with 4500."""

_HTTP = f"""## 10. HTTP

Same host as the websocket. `Authorization: Bearer TOKEN` where a token is needed. JSON both ways; an error is a 4xx or
5xx status with a `refused` as its body. A whole request within {n.REQUEST_WITHIN_S:g} s.

| call | token | answer |
|---|---|---|
| `GET /healthz` | no | `{{ok, version, epoch}}`: the process is alive |
| `GET /readyz` | no | the same; 503 with `ok: false` while the store does not answer or the hub is stopping |
| `GET /api/setup` | no | `{{title, region, demo, consent, protocol, licence, now_ms, provinces}}`: `provinces` are the others, each `{{code, title, url}}`; `consent` is the version of the consent text, `protocol` the protocol's; `licence` is `{{name, number}}` or null |
| `POST /api/guest` | no | `{{token, person, until_ms, name}}`: a guest's token, good for 7 days |
| `POST /api/sign-in` `{{name, password}}` | no | `{{token, person, name, grants, until_ms}}`, good for 12 hours; 401 `sign_in_failed` |
| `POST /api/renew` | yes | a fresh token of the same person, same shape |
| `POST /api/tokens/for` `{{province}}` | yes | `{{token, province, until_ms, now_ms}}`: what that other province (its code) takes as the same person, a guest there, for ten minutes by this hub's clock `now_ms`; 404 for a province that `setup` does not name |
| `POST /api/demo` `{{role}}` | no | as sign-in, for `host`, `hr` or `operator`; 404 outside the demonstration, which only answers the same machine |
| `GET /api/fair` | no | `{{fair, venues, sessions: [{{session, numbers, visits, card}}]}}`: Fair, list of Venue, Session, Numbers, how often its stage was opened, Card or null; those on air first |
| `GET /api/regions` | no | `{{regions}}`: list of Region |
| `GET /api/provinces` | no | `{{provinces}}`: other provinces with code, title, reachable, known_at_ms and how many halls, live and online |
| `GET /api/provinces/CODE` | no | `{{province, halls}}`: those halls, each a session called `SESSION@CODE` here, and online |
| `GET /api/sessions/SESSION` | no | `{{session, numbers, visits, card}}` |
| `GET /api/sessions/SESSION/shelf/REVISION` | no | `{{session, revision, slots}}`: list of ShelfSlot; may be kept for ever; 404 for any revision but the present one |
| `GET /api/enterprises/ENTERPRISE` | no | `{{enterprise, positions}}` |
| `POST /api/commands` | yes | one command, JSON or `application/msgpack`; the reply in the same format |
| `GET /ws` | in `hello` | the websocket |

Over `POST /api/commands` the commands `hello`, `renew`, `pong`, `join` and `leave` are refused with `out_of_turn`.
In JSON a body is the same map in plain JSON. The status follows the code; the body is what counts."""

_POLLING = f"""## 11. Without a websocket

Some networks break websockets. A client that has none {n.POLL_AFTER_S:g} s after it began sends its commands to
`POST /api/commands` and asks `catch_up` there every few seconds, with up to 8 channels and what it has of each. The
answer holds one `joined` (or one `refused`) per channel, in the order asked, to be handled as in section 5, but
without becoming a member: there are no pushes, so each `catch_up` carries the offsets of the answer before. Go on
trying the websocket meanwhile."""

_LIMITS = f"""A message over {n.MAX_IN_BYTES} bytes is refused with `too_large` and the websocket closed with 4500 (far longer ones,
and a first message over {n.HELLO_BYTES}: 1009).
Commands beyond the rate are refused with `too_many`, temporary, with `retry_ms`; a client that goes on regardless is closed
with 4504. Characters are Unicode code points."""

_VERSIONS = """## 13. Versions

`version` in `hello` is a single number. Within one version the protocol only grows: there may come new commands,
new message types, new bodies, new optional fields, new values of an enumeration and new refusal codes. So a client
**ignores** messages and bodies whose `t` it does not know (a body still moves the offset), ignores fields it does not
know, and treats a code it does not know by `temporary` alone. It must not send fields the hub does not know.
Anything else is a new version; a hub that does not speak the client's version answers `upgrade`."""
