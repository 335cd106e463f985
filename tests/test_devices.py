"""Solves whose batch is spread over devices: the same numbers, and no device waits in a loop."""

import pytest

from .own_devices import told_by

SHARDED = [
    "a closure, outside, unchecked",
    "times, outside, checked",
    "inside, unchecked",
    "inside, checked",
    "events, outside, unchecked",
]


@pytest.fixture(scope="module")
def told():
    """What `four_devices.py` found; the devices are its own."""
    return told_by("four_devices")


@pytest.mark.parametrize("name", ["pmap", "no shard_map", *SHARDED])
def test_values_and_gradients_are_those_of_one_device(told, name):
    assert told[name]["values"] < 1e-6 and told[name]["gradient"] < 1e-6
    assert told[name]["same steps"]


def test_no_device_waits_for_another_in_a_loop(told):
    assert len(set(told["times, outside, checked"]["attempts of devices"])) > 2
    assert told["forward"] == {"all": 0, "in loops": 0}
    for name in SHARDED:
        # The sum of the gradients of what all devices have in common.
        assert told[name]["collectives"] == {"all": 1, "in loops": 0}


def test_a_sum_within_a_loop_is_refused(told):
    assert "check_vma=False" in told["a checked closure"]
