"""Log lines: one line an event, and nothing in them that is a person's."""

import json
import logging
import re

from server.journal import JsonFormatter, LineFormatter, scrub


def line_of(message: str, *arguments: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord("daigang.test", logging.WARNING, __file__, 1, message, arguments, info)
    return LineFormatter().format(record)


def test_a_line_has_time_level_logger_and_message() -> None:
    line = line_of("port %d", 8080)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning daigang\.test port 8080", line)


def test_the_same_as_json_for_programs_that_gather_logs() -> None:
    try:
        raise ValueError("row (13912345678, 张三)")
    except ValueError as error:
        record = logging.LogRecord(
            "daigang.test", logging.ERROR, __file__, 1, "tel %s", ("13912345678",), (ValueError, error, None)
        )
    line = JsonFormatter(worker=2).format(record)
    assert "13912345678" not in line
    told = json.loads(line)
    assert (told["level"], told["logger"], told["worker"], told["error"]) == ("error", "daigang.test", 2, "ValueError")
    assert told["message"] == "tel 139****5678"


def test_an_event_is_one_line_even_with_an_error() -> None:
    try:
        raise ValueError("first line\nDETAIL: row (13912345678, 张三)")
    except ValueError as error:
        line = line_of("it failed\nbadly", error=error)
    assert "\n" not in line
    assert "error=ValueError text='first line'" in line
    assert "core/test_journal.py:" in line
    assert "张三" not in line


def test_numbers_and_tokens_are_blotted_out() -> None:
    assert scrub("call 13912345678 now") == "call 139****5678 now"
    assert scrub("tel=13912345678,15012345678") == "tel=139****5678,150****5678"
    assert scrub("Bearer " + "aB3_" * 20 + "." + "x-9" * 10) == "Bearer ***"
    assert scrub("postgresql://daigang:geheim@10.0.0.5/d") == "postgresql://daigang:***@10.0.0.5/d"


def test_what_is_no_number_of_a_person_stays() -> None:
    for text in ("at_ms=1795464218455", "S01 V01 220000", "offset 139123456789", "uscc 91220101MA0Y1A2B3C"):
        assert scrub(text) == text
