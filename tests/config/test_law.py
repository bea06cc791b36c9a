from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.config import load, refuse_prohibited_use
from edge.errors import Problem
from edge.run import run


@pytest.mark.parametrize("region", ["DE", "FR", "GR", "HR", "IS", "LI", "NO", "DE-BY", "RE", "EU"])
def test_europe_is_refused_and_told_why(region: str) -> None:
    with pytest.raises(Problem) as problem:
        refuse_prohibited_use(region, "education")
    assert f"site.region is {region}" in str(problem.value)
    assert "Article 5(1)(f)" in str(problem.value)
    assert '"medical" or "safety"' in str(problem.value)


@pytest.mark.parametrize("purpose", ["medical", "safety"])
def test_the_articles_exceptions_are_let_through(purpose: str) -> None:
    refuse_prohibited_use("DE", purpose)


@pytest.mark.parametrize("region", [None, "US", "US-CA", "GB", "CH", "IN", "DZ"])
def test_elsewhere_the_article_does_not_apply(region: str | None) -> None:
    refuse_prohibited_use(region, "education")


STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO"


@pytest.mark.parametrize("state", STATES.split())
def test_no_state_of_the_eu_and_eea_has_a_sensor_that_starts(state: str, tmp_path: Path) -> None:
    config = load(None, {}, {"site.region": state, "camera.source": str(tmp_path), "service.state_dir": str(tmp_path)})
    with pytest.raises(Problem, match=f"The sensor does not start: site.region is {state}"):
        run(config)
    assert not list(tmp_path.iterdir()), "nothing was begun"


def test_the_states_are_thirty() -> None:
    assert len(set(STATES.split())) == 30


def test_a_sensor_that_does_not_know_where_it_is_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edge.cli", "run", "--source", str(tmp_path / "none.mp4")]
    unset = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "site.region is not set" in unset.stderr
    named = subprocess.run(
        command, env={**os.environ, "EDGE_ENGAGE_SITE_REGION": "US"}, capture_output=True, text=True, check=False
    )
    assert "site.region" not in named.stderr
