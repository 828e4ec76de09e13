"""What a measure prints: its last line is for programs, its exit code for CI."""

import json

from bench.figures import conclude, show


def test_a_measure_that_misses_its_bar_says_so_and_fails(capsys):
    assert conclude("pages", {"speed": 80}, {"speed": 95}, ["too slow"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "below the bar: too slow"
    wanted = {"name": "pages", "speed": 80, "bar": {"speed": 95}, "pass": False}
    assert json.loads(said[-1]) == wanted


def test_a_measure_that_keeps_its_bar_passes(capsys):
    assert conclude("pages", {"speed": 98}, {"speed": 95}, []) == 0
    assert json.loads(capsys.readouterr().out)["pass"] is True


def test_a_table_has_straight_columns(capsys):
    show([["page", "ms"], ["feed", 1200], ["a", 3]])
    assert capsys.readouterr().out == "page    ms\nfeed  1200\na        3\n"
