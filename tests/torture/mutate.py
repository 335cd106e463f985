"""`python -m tests.torture.mutate --count 10000`: weight files with something done to each.

Every one must be refused in the zoo's own words: not loaded, not executed, no traceback.
"""

import argparse
import collections
import random
import sys
import tempfile
from pathlib import Path

import jax

import zoo
from zoo.errors import CheckpointError

from ..files import HOW, changed


def good_file(path: Path) -> bytes:
    """A whole weight file."""
    config = zoo.model_config("odenet", (2, 2), dynamics_options={"width": 8})
    zoo.save(path, zoo.create_model(config, key=jax.random.key(0)), config)
    return path.read_bytes()


def mutated(whole: bytes, rng: random.Random) -> tuple[str, bytes]:
    """One to three things done to a file, half of them in its header, and what they were."""
    data, done = whole, []
    header = 8 + int.from_bytes(whole[:8], "little")
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        how = rng.choice(HOW)
        end = rng.choice([header, len(data)])
        at = rng.randrange(max(min(end, len(data)), 1))
        data = changed(data or b"\0", how, at, rng.randrange(8), rng.randint(1, 40))
        done.append(how)
    return "+".join(done), data


def torture(count: int, seed: int) -> tuple[collections.Counter[str], list[str]]:
    """How often each refusal came, and what was not refused as it must be."""
    rng, words, found = random.Random(seed), collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        whole = good_file(path)
        for number in range(count):
            how, data = mutated(whole, rng)
            if data == whole:
                words["unchanged by chance"] += 1
                continue
            path.write_bytes(data)
            try:
                zoo.load(path)
                found.append(f"{number} ({how}): loaded in silence")
            except CheckpointError as error:
                told = str(error).removeprefix(str(path)).strip()
                words[" ".join(told.split()[:4])] += 1
            except BaseException as error:
                found.append(f"{number} ({how}): {error!r}")
    return words, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    words, found = torture(options.count, options.seed)
    for told, times in words.most_common():
        print(f"{times:>6}  {told}")
    print(f"{options.count} mutations: {found[:20] or 'all refused'}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
