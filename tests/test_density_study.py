"""The study of flows: its tables are made of its runs, and it goes on where it was stopped."""

from importlib import import_module

import zoo

main, report, store, race, guided = (
    import_module(f"densities.{name}") for name in ("__main__", "report", "store", "race", "guided")
)


def test_the_tables_say_what_the_runs_gave():
    runs = [
        {"part": "race", "case": "moons: cnf", "seed": 0, "nll": 1.0, "training": 80.0},
        {"part": "race", "case": f"moons: {list(race.WAYS)[1]}", "seed": 0, "nll": 0.9},
        {"part": "guided", "case": "2", "seed": 0, "right": 0.97, "by class": [0.9, 1.0]},
        {"part": "energy", "case": "moons: 64", "seed": 0, "energy": 0.6, "least": 0.5},
        {"part": "integrals", "case": "rings", "seed": 0, "nll": 2.5, "nfe": 40.2},
    ]
    runs[0]["processor"] = 100.0
    runs[1] |= {"training": 16.0, "processor": 20.0}
    runs[3] |= {"normalised": 0.2, "processor": 9.0}
    cnf, flow = report.races(runs)[2:]
    assert cnf.endswith("| 1.000 | 80.0 | 100.0 | 1.0 | 1.0 |")
    assert flow.endswith("| 0.900 | 16.0 | 20.0 | 5.0 | 5.0 |")
    assert report.guides(runs)[2:] == ["| 2 | 97.0 | 90.0 |"]
    (row,) = report.energies(runs)[2:]
    assert row == "| moons | optimal transport in blocks of 64 | 0.600 | 0.500 | 0.200 | 9 |"
    assert report.integral_rows(runs)[2:] == ["| rings |  |  | 2.5 |  | 40 |  |  |"]
    assert report.races(runs[2:]) == ["Not run yet."]


def test_every_mark_of_the_page_is_filled(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(report.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    report.report(page=page)
    assert page.read_text(encoding="utf-8") == report.PAGE.read_text(encoding="utf-8")


def test_what_is_kept_is_not_run_again(tmp_path, monkeypatch, capsys):
    kept = tmp_path / "runs.jsonl"
    monkeypatch.setattr(main, "PARTS", {"some": Counted})
    for _ in range(2):
        main._run("some", 3, kept)
    assert Counted.ran == [("a", 3), ("b", 3)]
    assert store.read(kept)["some", "b", 3]["found"] == 1.5


class Counted:
    """A part of a study that counts what it measures."""

    CASES = ("a", "b")
    ran: list = []  # noqa: RUF012

    @classmethod
    def measure(cls, case, seed):
        """A number."""
        cls.ran.append((case, seed))
        return {"found": 1.5}


def test_what_draws_and_what_reads_come_with_the_zoo():
    assert {guided.FLOW, guided.READER} <= set(zoo.list_pretrained())
