"""Names of accounts of a played day: those that are made are known as such, and nobody else's is."""

import pytest

from server.core.played_staff import DESK, HOST, OPERATOR, is_played


@pytest.mark.parametrize("name", [f"{HOST}1", f"{HOST}13", f"{DESK}26", OPERATOR])
def test_an_account_of_a_played_day_is_known_by_its_name(name: str) -> None:
    assert is_played(name)


@pytest.mark.parametrize("name", ["", HOST, f"{HOST}1a", f" {HOST}1", f"{OPERATOR}1", "host-1", "demo-host", "simon"])
def test_no_other_account_is_taken_for_one(name: str) -> None:
    assert not is_played(name)
