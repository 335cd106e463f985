"""Draw every kind of figure from the pretrained nets, and all of them on one sheet.

`python scripts/maintain/gallery.py` writes the folder of that name beside it: a picture of
each, the flow as a GIF, and sheet.png.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import jax
from matplotlib.figure import Figure
from PIL import Image

import zoo
from zoo import plots
from zoo.checkpoint import read
from zoo.evaluation import sweep
from zoo.pretrained import path_of

NETS = ("odenet-circles", "odenet-moons", "annuli-odenet", "cubic-odenet", "digits-odenet")
COLUMNS, WIDTH = 4, 480
SHOWN = (
    "odenet-circles-flow",
    "odenet-circles-lift",
    "odenet-moons-effort",
    "cubic-fits",
    "cubic-depths",
    "digits-conv-compression",
    "digits-odenet-effort_by_class",
    "digits-odenet-hardest",
    "comparison",
)
"""Those that the README shows by themselves."""


def drawings() -> dict[str, Figure | plots.Animation]:
    """The figures by name, `net-figure`; those of sweeps and of training are of the moons."""
    found = {}
    for name in NETS:
        config = read(path_of(name))[0]["config"]
        data = zoo.load_dataset(config["dataset"], seed=0, **config["dataset_options"])
        drawn = plots.all_figures(zoo.load(name), data, None, config["task"])
        found |= {f"{name}-{kind}": figure for kind, figure in drawn.items()}
    both = {"ResNet": zoo.load("cubic-resnet"), "ODE-Net": zoo.load("cubic-odenet")}
    cubic = zoo.load_dataset("cubic", n=10, split="all", standardise=False)
    found["cubic-fits"] = plots.regression_fit(both, cubic)
    found["cubic-depths"] = plots.state_against_depth(both, cubic)
    moons, net = zoo.load_dataset("moons"), zoo.load("odenet-moons")
    rows = {
        "tolerance": list(sweep.tolerance_rows(net, moons, batchings=("per-sample",), limit=128)),
        "compute": list(sweep.compute_rows(net, moons)),
        "stiffness": list(sweep.stiffness_rows()),
        "effort": sweep.effort_rows(net, moons),
    }
    found |= plots.sweep_figures(rows)
    images = zoo.load_dataset("digits", images=True)
    rows = {"compression": list(sweep.compression_rows(zoo.load("digits-conv"), images))}
    (found["digits-conv-compression"],) = plots.sweep_figures(rows).values()
    result = zoo.fit(zoo.create_model("odenet", moons, key=jax.random.key(0)), moons, steps=300)
    table = Path(__file__).parents[2] / "zoo" / "recipes" / "comparison.json"
    found["comparison"] = plots.comparison(json.loads(table.read_text(encoding="utf-8")))
    found["training"] = plots.training_curves(result.history)
    return found


def sheet(paths: list[Path]) -> Image.Image:
    """All pictures side by side, a GIF by a frame in its middle."""
    pictures = []
    for path in paths:
        with Image.open(path) as image:
            if getattr(image, "n_frames", 1) > 1:
                image.seek(image.n_frames // 2)
            whole = image.convert("RGB")
        pictures.append(whole.resize((WIDTH, round(whole.height * WIDTH / whole.width))))
    rows = [pictures[i : i + COLUMNS] for i in range(0, len(pictures), COLUMNS)]
    heights = [max(picture.height for picture in row) for row in rows]
    page = Image.new("RGB", (COLUMNS * WIDTH, sum(heights)), "white")
    for number, row in enumerate(rows):
        for column, picture in enumerate(row):
            page.paste(picture, (column * WIDTH, sum(heights[:number])))
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=str(Path(__file__).parent / "gallery"))
    out = Path(parser.parse_args().out)
    figures = drawings()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        written = plots.write_figures(folder, figures)
        page = sheet(written)
        page.quantize(128).save(out / "sheet.png", optimize=True)
        for path in written:
            if path.stem in SHOWN:
                (out / path.name).write_bytes(path.read_bytes())
    missing = figures.keys() - {path.stem for path in written}
    print(f"{len(written)} figures on {out / 'sheet.png'}")
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
