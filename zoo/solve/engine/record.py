"""What the loop keeps of the steps that it takes, for the backward pass to take them again."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PyTree, Shaped

from ...types import State
from .lanes import Lane, buffer, bytes_of, read, write

_ROOM = 2**20
"""Bytes of states that are kept whole: filling a megabyte with zeros takes 0.4 ms on a CPU."""
_RING = 64
_LEAST = 16
"""So many of large states are kept, and no more than fit into this room:"""
_LARGE = 2**26


class Record(NamedTuple):
    """The accepted steps of each lane by its own count, in buffers whose first axis is that count.

    Times of all steps, where they do not follow from the interval; states of the last `ring` ones,
    and of every `ring`-th, from which the earlier ones are taken again where the backward pass
    comes to them.
    """

    times: Shaped[Array, " most_steps+2 *lanes"] | None
    """τ from 0 on: step n goes from the n-th to the next. None of `Plan.even` steps."""
    saved: Shaped[Array, " most_steps+1 *outputs"] | None
    """How many outputs had been made before the step."""
    piece: Int[Array, " most_steps+1 *lanes"] | None
    """In which piece of its interval the step lay; None where the field does not jump."""
    ring: PyTree[Array]
    """[ring + 1, B, ...]; the last place takes what is not to be kept."""
    anchors: PyTree[Array]
    """[most_steps / ring + 1, B, ...]; None where the ring holds every step."""


def ring_size(most_steps: int, state: PyTree[Array]) -> int:
    """How many states are kept: all where they are small, else the last 64 of them, or 16.

    No more than an equal part of all steps: of 20 steps and room for 16 states it is 10.
    """
    each = bytes_of(state)
    if most_steps * each <= _ROOM:
        return most_steps
    room = min(most_steps, _RING, max(_LEAST, _LARGE // max(each, 1)))
    parts = -(-most_steps // room)
    return -(-most_steps // parts)


def empty(
    most_steps: int,
    ring: int,
    lanes: Lane | None,
    saved: Array | None,
    piece: Array | None,
    y: State,
) -> Record:
    """A record without steps; without times too where there are no `lanes` to note them of."""
    times = None if lanes is None else buffer(most_steps + 2, lanes)

    def slots(like: Array | None) -> Array | None:
        return None if like is None else buffer(most_steps + 1, like)

    anchors = None if ring >= most_steps else buffer(-(-most_steps // ring) + 1, y)
    return Record(times, slots(saved), slots(piece), buffer(ring + 1, y), anchors)


def note(
    record: Record,
    step: Int[Array, "..."],
    running: Bool[Array, "*lanes"],
    stop: Lane,
    saved: Array | None,
    piece: Array | None,
    y: State,
    lane: Int[Array, " lanes"] | None = None,
) -> Record:
    """The record with an attempt as step number `step`; a rejected one is overwritten by the next.

    Lanes that no longer run write where nothing reads. `lane` says whose the numbers are, where
    they are not those of all lanes. Where all make the same step its number is one, []: a place
    that all write at is one slice, which takes a part of the time of a scatter.
    """
    ring = jax.tree.leaves(record.ring)[0].shape[0] - 1
    anchors = record.anchors
    if anchors is not None:
        spare = jax.tree.leaves(anchors)[0].shape[0] - 1
        begins = _writing(running, step) & (step % ring == 0)
        anchors = write(anchors, jnp.where(begins, step // ring, spare), y, lane)
    pointers = record.saved
    if pointers is not None and saved is not None:
        alike = step.ndim < running.ndim or pointers.ndim == 1 + step.ndim
        where = step if alike else jnp.broadcast_to(step, saved.shape)
        pointers = write(pointers, where, saved, lane)
    pieces = record.piece
    if pieces is not None and piece is not None:
        pieces = write(pieces, step, piece, lane)
    times = record.times
    if times is not None:
        times = write(times, step + 1, stop, lane)
    return Record(
        times,
        pointers,
        pieces,
        write(record.ring, jnp.where(_writing(running, step), step % ring, ring), y, lane),
        anchors,
    )


def _writing(running: Bool[Array, "*lanes"], step: Array) -> Bool[Array, "..."]:
    """Which lanes write at `step`: those that run, or all where they write at one place."""
    return running if step.ndim == running.ndim else jnp.ones((), bool)


def recorded_ends(record: Record, step: Int[Array, "*lanes"]) -> tuple[Lane, Lane]:
    """From where to where a step of each lane went, in τ."""
    assert record.times is not None, "these steps are noted"
    return read(record.times, step), read(record.times, step + 1)
