"""What the REST API takes and what it answers, as models: they check requests and make the documentation."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.protocol import MOST_AT_ONCE, Amount, Conditions
from app.runs import Run
from models import spelling
from models.experiment import Experiment

MOST_WAIT = 30.0  # seconds that a request may take; proxies give up after a minute

# Of the members of a run's data these stay when another set is chosen, unless they are given.
OF_ANY_DATA = ("noise", "train_share", "seed", "standardize")

Wait = Annotated[
    float,
    Field(ge=0, le=MOST_WAIT, description="seconds that the answer waits for the training to be done"),
]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class NewRun(_Form):
    """What to train. Everything that is not said has its default."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"experiment": {"data": {"name": "spiral"}, "seed": 7}, "epochs": 100, "wait": 10},
                {"link": "data=xor&hidden=4,4&seed=7"},
            ]
        }
    )

    experiment: Experiment = Experiment()
    link: str | None = Field(
        default=None,
        max_length=20_000,
        description="instead of experiment: what a page's link has behind its #, or null",
    )
    epochs: int | None = Field(
        default=None, ge=1, le=MOST_AT_ONCE, description="how many epochs to train at once, or null for none"
    )
    wait: Wait = 0.0

    @model_validator(mode="after")
    def _one_experiment(self) -> "NewRun":
        if self.link is not None and "experiment" in self.model_fields_set:
            raise ValueError("experiment and link are both given; expected one of them")
        return self


class Change(_Form):
    """What becomes different, by the rules of the page: learning rate, regularization and batch size change
    while the run goes on, everything else begins a fresh run.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"experiment": {"training": {"learning_rate": 0.1}}}]}
    )

    experiment: dict[str, Any] = Field(
        description="the members of the experiment that change; a list is replaced as a whole, and what is "
        "not there stays. With another data set, the present features, loss and output activation stay "
        "where they fit, and are else its usual ones"
    )
    keep_weights: bool = Field(
        default=False, description="where only the data differ, whether weights and history stay"
    )


class Train(_Form):
    """How long to train: so many epochs more, or until something is met."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"epochs": 100, "wait": 10},
                {"until": {"test_loss": 0.05, "epochs": 2000}, "wait": 30},
            ]
        }
    )

    epochs: int | None = Field(default=None, ge=1, le=MOST_AT_ONCE, description="how many epochs, or null")
    until: Conditions | None = Field(
        default=None,
        description="when to pause, looked at after every epoch, at the first that is met, or null. `epochs` "
        "counts from the start of the run",
    )
    wait: Wait = 0.0

    @model_validator(mode="after")
    def _one_way(self) -> "Train":
        if (self.epochs is None) == (self.until is None):
            raise ValueError("epochs and until are both given or both missing; expected one of them")
        if self.until is not None and all(value is None for value in self.until.model_dump().values()):
            raise ValueError("until: there is no condition; expected " + " or ".join(Conditions.model_fields))
        return self


class Steps(Amount):
    """As much as the page's button Step trains, or so many of these."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unit": "batch", "count": 10, "wait": 5}]})

    wait: Wait = 0.0


class HistoryRow(BaseModel):
    """The figures after an epoch, by Keras's names; null where there is none. Row 0 is the untrained network.

    `loss` and `val_loss` include the penalty, as Keras's do; `val_` are those of the test points.
    """

    epoch: int
    loss: float | None
    accuracy: float | None
    penalty: float | None
    val_loss: float | None
    val_accuracy: float | None
    val_penalty: float | None

    @classmethod
    def of(cls, numbers: Any) -> "HistoryRow":
        """Of a row of a lane's history: seven numbers of float32, NaN where there is none."""
        epoch, *others = (float(number) for number in numbers)
        values = [value if math.isfinite(value) else None for value in others]
        named = dict(zip(list(cls.model_fields)[1:], values, strict=True))
        return cls.model_validate({"epoch": int(epoch), **named})


class History(BaseModel):
    """Rows of one run. Of a long one about every second row goes when there are more than 4,096."""

    run: int = Field(
        description="grows with every fresh start; rows of different runs do not belong together"
    )
    rows: list[HistoryRow]


class Stopped(BaseModel):
    """Why it has paused by itself."""

    reason: Literal["epochs", "test_loss", "test_accuracy", "patience"]
    epoch: int


class RunState(BaseModel):
    """A run as it is now."""

    id: str = Field(description="whoever knows it holds the run, so it is not to be passed on")
    state: Literal["paused", "playing", "diverged"] = Field(
        description="diverged: numbers overflowed, and training stopped"
    )
    run: int = Field(description="grows with every fresh start: a rewind, another network, other data")
    epoch: int = Field(description="whole epochs trained")
    step: int = Field(description="optimizer steps made")
    exact: bool = Field(description="whether this run is reproducible to the bit")
    touched: bool = Field(description="whether weights were changed by hand or loaded from elsewhere")
    stopped: Stopped | None
    losses: HistoryRow = Field(description="the last row of the history")
    experiment: Experiment
    layers: list[int] = Field(description="units of every layer, inputs and output included")
    link: str = Field(description="the experiment as an address of the page")
    notes: list[str] = Field(
        description="what happened to the run, such as a restart of the training process"
    )
    expires_in: float = Field(description="seconds after which it is gone if nobody asks about it")

    @classmethod
    def of(cls, run: Run, blob: bytes, *, life: float, home: str) -> "RunState":
        """Of a lane's blob. `home`: the address of the page."""
        header, rows = opened(blob)
        experiment = Experiment.model_validate(header["experiment"])
        return cls(
            **{
                name: header[name]
                for name in ("state", "run", "epoch", "step", "exact", "touched", "stopped")
            },
            id=run.id,
            losses=HistoryRow.of(rows[-1]),
            experiment=experiment,
            layers=list(experiment.units),
            link=f"{home}#{spelling.to_query(experiment)}",
            notes=run.notes,
            expires_in=life,
        )


class WeightRow(BaseModel):
    """A weight, and from where to where it leads; a bias, a scale and the like come from their name."""

    layer: str = Field(examples=["hidden 1", "output"])
    origin: str = Field(alias="from", examples=["x1", "neuron 2", "bias"])
    to: str = Field(examples=["neuron 1", "output"])
    value: float


class Weights(BaseModel):
    """The file `weights_json`."""

    epoch: int
    step: int
    layers: list[int]
    activations: list[str]
    weights: list[WeightRow]


class FileRow(BaseModel):
    """A file that can be had of every run."""

    name: str = Field(description="what stands in the address")
    label: str
    file: str = Field(description="the name that it is saved by")
    media_type: str


def opened(blob: bytes) -> tuple[dict[str, Any], Any]:
    """A blob's header, with what the lane does as `state`, and its history (rows, 7)."""
    from models import frame  # with numpy, which the server need not wait for when it starts

    header, blocks = frame.decode(blob)
    return {**header, "state": header["mode"]}, blocks["history"].reshape(-1, len(HistoryRow.model_fields))


def changed(experiment: Experiment, change: Mapping[str, Any]) -> Experiment:
    """The experiment with these members; ValidationError if it is none."""
    present = experiment.model_dump(mode="json")
    try:
        return Experiment.model_validate(_merged(present, change))
    except ValidationError:
        data = change.get("data")
        if not isinstance(data, dict) or "name" not in data or data["name"] == experiment.data.name:
            raise
    del present["features"], present["training"]["loss"], present["network"]["output_activation"]
    present["data"] = {name: present["data"][name] for name in OF_ANY_DATA}
    return Experiment.model_validate(_merged(present, change))


def _merged(present: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Objects member by member; everything else is replaced."""
    merged = {**present}
    for name, value in change.items():
        before = present.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[name] = _merged(cast(Mapping[str, Any], before), cast(Mapping[str, Any], value))
        else:
            merged[name] = value
    return merged
