"""The commands of a small run, which `tests/conftest.py` makes once."""

DATA = ["--dataset", "moons", "--dataset.n", "100"]
OPTIONS = ["--model", "mlp", *DATA, "--model.width", "8", "--schedule", "constant"]
TRAIN = ["train", *OPTIONS, "--no-figures", "--checkpoint-every", "10", "--ema", "0.9"]
RESUME = ["train", "--resume", "--no-figures", "--out", "run"]
