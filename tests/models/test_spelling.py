"""The URL's and the command line's spelling of an experiment."""

from typing import Any, cast
from urllib.parse import parse_qs

import pytest
from hypothesis import given

from models import spelling
from models.experiment import Experiment
from tests.models.experiments import EXPERIMENTS, OWN_EXPERIMENTS
from tests.models.training import make


@given(EXPERIMENTS | OWN_EXPERIMENTS)
def test_any_experiment_comes_back_from_its_query(experiment: Experiment) -> None:
    assert spelling.from_query(spelling.to_query(experiment)) == experiment


@given(EXPERIMENTS | OWN_EXPERIMENTS)
def test_any_experiment_comes_back_from_its_texts(experiment: Experiment) -> None:
    assert spelling.parse(spelling.flat(experiment)) == experiment


def test_the_default_needs_no_query() -> None:
    assert spelling.to_query(Experiment()) == ""
    assert spelling.from_query("") == Experiment()


def test_only_what_differs_is_written() -> None:
    experiment = make(data="xor", hidden="4,2", activation="tanh,relu", learning_rate=0.001, seed=7)
    query = spelling.to_query(experiment)
    assert query == "data=xor&activation=tanh,relu&learning_rate=0.001&seed=7"


def test_a_data_sets_own_loss_is_not_written() -> None:
    assert spelling.to_query(make(data="plane")) == "data=plane"
    assert spelling.to_query(make(data="plane", loss="half_squared_error")) == (
        "data=plane&loss=half_squared_error"
    )


def test_no_hidden_layer_is_an_empty_text() -> None:
    assert parse_qs(spelling.to_query(make(hidden="")), keep_blank_values=True)["hidden"] == [""]
    assert spelling.from_query("hidden=").network.hidden == ()


def test_one_activation_serves_all_layers() -> None:
    assert make(hidden="3,2,1", activation="relu").activations == ("relu", "relu", "relu", "sigmoid")
    assert make(hidden="3,2", activation="relu,elu").activations == ("relu", "elu", "sigmoid")
    assert make(activation="sine").units == (2, 4, 2, 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("colour=red", "data, points, classes, noise"),
        ("noise=lots", "0 to 0.5"),
        ("batch_size=ten", "1 to 512"),
        ("hidden=4,two", "whole number"),
        ("hidden=4,2&activation=relu,relu,relu", "one for all or one each"),
        ("data=elsewhere", "circle, xor"),
        ("features=", "at least 1"),
        ("learning_rate=inf", "finite"),
    ],
)
def test_what_will_not_do(query: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        spelling.from_query(query)


def test_every_member_has_a_field() -> None:
    """And each field's path leads to its value."""

    tree = Experiment().model_dump(mode="json")
    paths: set[str] = set()
    for name, part in tree.items():
        paths |= (
            {f"{name}.{member}" for member in cast(dict[str, Any], part)}
            if isinstance(part, dict)
            else {name}
        )
    assert {field.path for field in spelling.FIELDS} == paths
