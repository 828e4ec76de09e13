"""A sample of the cases that `make bench-classify` judges; the figures are in docs/measurement.md."""

import random
import time

import pytest

from bench import classify
from campaigns.tracking.agents import by_agent, draws_cards

HELD, TUNED = classify.cases("held"), classify.cases("tuned")


def agents(label, of=HELD + TUNED):
    return [agent for found, agent in of if found == label]


def kinds(cases):
    return [str(by_agent(agent).kind) for agent in cases]


def test_browsers_inside_applications_are_always_people():
    assert len(agents("in-app")) > 900
    assert {agent for agent in agents("in-app") if str(by_agent(agent).kind) != "human"} == set()
    assert not any(map(draws_cards, agents("in-app")))


@pytest.mark.parametrize("label", ["preview", "scanner"])
def test_who_looks_at_a_link_for_somebody_is_never_a_person(label):
    assert "human" not in kinds(agents(label))


def test_of_robots_never_met_before_nineteen_in_twenty_are_known():
    found = kinds(agents("bot", HELD)[::5])
    assert found.count("human") <= 0.05 * len(found)


def test_of_browsers_never_met_before_hardly_any_is_a_robot():
    found = kinds(agents("person", HELD)[::2])
    assert len(found) - found.count("human") <= 0.005 * len(found)


PEOPLE = [p for p in classify.patterns(random.Random(7)) if p.group == "person"]


@pytest.mark.parametrize("pattern", PEOPLE, ids=lambda pattern: pattern.name)
def test_a_person_counts_whatever_way_they_come(pattern):
    assert set(classify.judged(pattern.clicks())) == {"human"}


@pytest.mark.parametrize("purpose", classify.PURPOSES)
def test_what_is_announced_as_loaded_in_advance_is_no_click(purpose):
    assert classify.judged([classify.Seen(0, purpose=purpose)]) == ["prefetch"]


@pytest.mark.parametrize("model", ["CUBOT X50", "Spider 8", "HTC Butterfly"])
def test_the_name_of_a_telephone_makes_no_robot(model):
    agent = f"Mozilla/5.0 (Linux; Android 13; {model}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36"
    assert kinds([agent, agent + " SomeApp/1.0"]) == ["human", "human"]


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Neu/0.1)",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 (+https://neu.example)",
        "Mozilla/5.0 (Windows NT 10.0; ops@neu.example) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Neu) Chrome/131.0.0.0 Safari/537.36",
        "Neu/1.0 (Windows NT 10.0; Win64; x64)",
        "Mozilla/5.0 (Neu)",
    ],
)
def test_a_program_is_known_by_its_build_when_nobody_has_heard_of_it(agent):
    assert kinds([agent]) == ["bot"]


def test_an_absurd_agent_takes_no_time():
    began = time.process_time()
    kinds([c * 400 for c in "ab(./ @"] + ["Mozilla/5.0 (Linux; Android " + "(a" * 180])
    assert time.process_time() - began < 1
