"""`train --plan`: what memory a run would take, and nothing of it is run or written."""

from ..errors import ConfigError
from ..placement import Devices
from ..runs.config import RunConfig
from ..runs.prepare import precision_of, prepare
from ..train import plan_memory
from ..train.memory.levers import levers
from ..train.memory.words import plan_words


def check_memory_option(memory: float | None, plan: bool) -> None:
    """Raise `ConfigError` for gigabytes to plan for where nothing is planned."""
    if memory is not None and not plan:
        raise ConfigError(f"--memory {memory} is what --plan plans for: add --plan.")


def tell_plan(config: RunConfig, memory: float | None, devices: Devices) -> None:
    """Print the memory of a run on standard output.

    Args:
        config: what would be run.
        memory: gigabytes to plan for; the device's where None.
        devices: that would share its batches; the plan is of one of them.

    Raises what `prepare` raises.
    """
    with precision_of(config):
        checked = prepare(config, devices=devices).checked
        plan = plan_memory(checked, available=None if memory is None else int(memory * 1e9))
        print(plan_words(plan, levers(checked, plan)))
