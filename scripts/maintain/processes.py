"""The runs of a study, one after another here or shared by several processes."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

_Group = TypeVar("_Group")
_Result = TypeVar("_Result")


def each_result(
    run: Callable[[_Group], _Result], groups: Sequence[_Group], jobs: int
) -> Iterator[_Result]:
    """What `run` makes of each group, as it ends; with `jobs` of 1 in this process, in order.

    A process is a fresh interpreter, which takes one group after another. `run` is a function of a
    module, or a `functools.partial` of one.
    """
    if jobs == 1:
        yield from map(run, groups)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        calls = [pool.submit(run, group) for group in groups]
        for call in as_completed(calls):
            yield call.result()
