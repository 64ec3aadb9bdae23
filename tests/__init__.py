"""Tests of the whole house; a package so that `tests.services` has one name everywhere."""
