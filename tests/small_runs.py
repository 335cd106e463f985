"""The commands of a small run, which `tests/conftest.py` makes once."""

OPTIONS = ["--model", "mlp", "--dataset", "moons", "--dataset.n", "100", "--model.width", "8"]
TRAIN = ["train", *OPTIONS, "--no-figures", "--checkpoint-every", "10", "--ema", "0.9"]
RESUME = ["train", "--resume", "--no-figures", "--out", "run"]
