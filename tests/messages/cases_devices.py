"""Several devices and several processes: what cannot share a batch, and who does not answer."""

import signal
from unittest import mock

import diffrax
import jax
import numpy as np

import zoo
from zoo.cli.aborts import check_end
from zoo.cli.process_options import check_together
from zoo.objectives.path_distance import BY_DISTANCE
from zoo.placement import processes
from zoo.solve.on_devices import check_on_devices
from zoo.train import AbstractUpdate, agreement

from .given import Typed, model, moons, where

TWO = mock.Mock(spec=jax.sharding.Mesh, size=2)
NEW = "train --model mlp --dataset moons"
GONE = jax.errors.JaxRuntimeError("UNAVAILABLE: Gloo all-reduce failed: connection closed by peer")


class Own(AbstractUpdate):
    """A step that takes a batch as a whole."""

    def loss(self, model, batch, *, key, step, solver):
        raise AssertionError

    def init(self, model, optimiser):
        return ()

    def __call__(self, *_, **__):
        raise AssertionError


def fit(**options):
    return zoo.fit(model(), moons(), **{"steps": 1} | options)


def among_two(case):
    """The case in the second of two processes."""

    def run():
        with (
            mock.patch("jax.distributed.is_initialized", lambda: True),
            mock.patch("jax.process_count", lambda: 2),
            mock.patch("jax.process_index", lambda: 1),
        ):
            return case()

    return run


def lost():
    with processes.in_words():
        raise GONE


def agreed(*others):
    """What processes do that begin elsewhere."""
    own = [[0, *divmod(agreement.digest({}), 2**16)]]
    return where("zoo.train.agreement.of_all", lambda *_: np.array([*own, *others]), begin)


def begin():
    agreement.check_agreed(0, {})


CASES = {
    "Another word than all": lambda: fit(devices="every"),
    "More devices than there are": lambda: fit(devices=4096),
    "A list without devices": lambda: fit(devices=[]),
    "A word for the number of devices": Typed(f"{NEW} --devices two"),
    "More parts than examples": lambda: fit(batch_size=4, accumulate=5),
    "Parts of a batch in L-BFGS": lambda: fit(accumulate=2, lbfgs_steps=1),
    "Parts for an update of one's own": lambda: fit(accumulate=2, loss=Own()),
    "Parts for a distance of whole batches": lambda: fit(
        accumulate=2, loss=BY_DISTANCE["moments"]["paths"]
    ),
    "An adjoint of one device alone": lambda: check_on_devices(
        [zoo.Solver(adjoint="recursive")], TWO, gradients=True
    ),
    "A method of one device alone": lambda: check_on_devices([zoo.Solver(diffrax.Kvaerno5())], TWO),
    "A coordinator without a port": Typed(f"{NEW} --coordinator node1 --processes 2 --process 0"),
    "Processes without their own number": Typed(f"{NEW} --coordinator a:1 --processes 2"),
    "A process beyond the last": Typed(f"{NEW} --coordinator a:1 --processes 2 --process 2"),
    "Processes without a coordinator": Typed(f"{NEW} --processes 2 --process 0"),
    "A word for the number of processes": Typed(f"{NEW} --coordinator a:1 --processes two"),
    "A cluster that says nothing": where(
        "jax.distributed.initialize",
        ValueError("Number of processes must be defined."),
        lambda: processes.join(processes.Together()),
    ),
    "A coordinator's port that is taken": where(
        "jax.distributed.initialize",
        jax.errors.JaxRuntimeError("UNKNOWN: Failed to start RPC server"),
        lambda: processes.join(processes.Together("localhost:1", 2, 0)),
    ),
    "A process that is aborted": lambda: check_end(-signal.SIGABRT),
    "Fewer devices than the processes have": among_two(lambda: fit(devices=4096)),
    "A process that is gone": among_two(lost),
    "Processes without a common folder": among_two(lambda: check_together(None, 1)),
    "Processes at other steps": agreed([400, 0, 0]),
    "Processes with other data": agreed([0, 1, 1]),
}
