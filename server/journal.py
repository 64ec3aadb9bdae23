"""Log lines on stderr: one line an event, `time level logger message` or the same as JSON, and nothing personal in
them.

The house never logs names, numbers, tokens or payloads; this is the second wall, for what a library might quote: digits
that could be a phone number and long base64 are blotted out, and of an exception only its kind, the first line of its
text and the places are kept.
"""

import json
import logging
import re
import sys
import time
import traceback

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,}(?:\.[A-Za-z0-9_-]{20,})?")
_URL_PASSWORD = re.compile(r"(://[^\s:/@]*:)[^\s@/]+@")
FORMS = ("line", "json")
TEXT_LIMIT = 300
FRAMES = 12


def scrub(text: str) -> str:
    """The text without what looks like a phone number, a token, or a password in an address."""
    text = _URL_PASSWORD.sub(r"\1***@", text)
    return _TOKEN.sub("***", _PHONE.sub(r"\1****\2", text))


class LineFormatter(logging.Formatter):
    """One line for each record."""

    def __init__(self, worker: int | None = None) -> None:
        super().__init__()
        self._worker = "" if worker is None else f"[{worker}]"

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, without its end."""
        logger = f"{record.name}{self._worker}"
        line = f"{_time(record)} {record.levelname.lower()} {logger} {record.getMessage()}"
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line += f" error={type(error).__name__} text={_first_line(error)!r} at={_places(error)}"
        return scrub(line.replace("\n", " "))


class JsonFormatter(logging.Formatter):
    """The same as one JSON object a line, for programs that gather logs. `worker`: which one of several, if so."""

    def __init__(self, worker: int | None = None) -> None:
        super().__init__()
        self._worker = worker

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, without its end."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(record.getMessage()),
            "pid": record.process,
        }
        if self._worker is not None:
            line["worker"] = self._worker
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["error"] = type(error).__name__
            line["text"] = scrub(_first_line(error))
            line["at"] = _places(error)
        return json.dumps(line, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{at}.{int(record.msecs):03d}Z"


def _first_line(error: BaseException) -> str:
    text = str(error)
    return text.splitlines()[0][:TEXT_LIMIT] if text else ""


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return "<".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in reversed(frames))


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-2:])


def set_up(level: int = logging.INFO, *, form: str = "line", worker: int | None = None) -> None:
    """Send everything to stderr, each event a line to read or (`form` json) a JSON object. Raises
    `ValueError` for another form."""
    if form not in FORMS:
        raise ValueError(f"DAIGANG_LOG: wants {' or '.join(FORMS)}, got {form}")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(worker) if form == "json" else LineFormatter(worker))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
