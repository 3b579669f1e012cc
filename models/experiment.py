"""The experiment: everything that determines a run. Frozen and validated."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from models import catalogue, drawing
from models.catalogue import Problem
from models.table import NAME_LENGTH


def _one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"expected one of {', '.join(names)}")
        return name

    return check


DataSetName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.DATA_SETS)))]
FeatureName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.FEATURES)))]
ActivationName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.ACTIVATIONS)))]
OutputActivationName = Annotated[
    str, AfterValidator(_one_of((catalogue.AUTO.name, *catalogue.OUTPUT_ACTIVATION_NAMES)))
]
InitializerName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.INITIALIZERS)))]
LossName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.LOSSES)))]
OptimizerName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.OPTIMIZERS)))]
ScheduleName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.SCHEDULES)))]
RegularizationName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.REGULARIZATIONS)))]
Label = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
Seed = Annotated[int, Field(ge=catalogue.SEED[0], le=catalogue.SEED[1])]


class _Part(BaseModel):
    # Strict: "3" is no number and true is no integer, whoever sends it.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Column = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]


class Data(_Part):
    """Which data: a synthetic set, drawn from `seed`, or columns of a table; shares are fractions.

    `points` None is all that there are; `classes` counts where the set has a choice of them. Of a real table
    `inputs` are the columns used, the usual ones if there are none. `table` names the learner's own table (by
    `tables.digest_of`), whose `target` is predicted: a class, which `labels` name in their order, or without
    labels a number. A table that is to `standardize` has inputs of mean 0 and deviation 1, and numbers to
    predict from -1 to 1; `noise` is only for synthetic sets. `drawn` are points drawn by hand, by
    `models.drawing`.
    """

    name: DataSetName = "circle"
    points: Annotated[int, Field(ge=catalogue.POINTS[0], le=catalogue.POINTS[1])] | None = None
    classes: Annotated[int, Field(ge=catalogue.CLASSES[0], le=catalogue.CLASSES[1])] = 3
    noise: Annotated[float, Field(ge=catalogue.NOISE[0], le=catalogue.NOISE[1])] = 0.0
    train_share: Annotated[float, Field(ge=catalogue.TRAIN_SHARE[0], le=catalogue.TRAIN_SHARE[1])] = 0.5
    seed: Seed = 0
    inputs: Annotated[tuple[Column, ...], Field(max_length=catalogue.MAX_INPUTS, strict=False)] = ()
    standardize: bool = True
    table: Annotated[str, Field(pattern="^([0-9a-f]{32})?$")] = ""
    target: Annotated[str, Field(max_length=NAME_LENGTH)] = ""
    labels: Annotated[tuple[Label, ...], Field(max_length=catalogue.MAX_CLASSES, strict=False)] = ()
    drawn: Annotated[str, Field(max_length=drawing.LONGEST)] = ""

    @property
    def row(self) -> catalogue.DataSet:
        return catalogue.row(catalogue.DATA_SETS, self.name)

    @property
    def problem(self) -> Problem:
        if self.row.kind == "own":
            return "classification" if self.labels else "regression"
        return self.row.problem

    @property
    def class_count(self) -> int:
        """Classes to tell apart; 0 for regression."""
        if self.problem == "regression":
            return 0
        if self.row.kind == "drawn":
            return drawing.class_count(self.drawn)
        names = self.labels if self.row.kind == "own" else self.row.class_names
        return len(names) or (self.classes if self.row.several else 2)

    @property
    def columns(self) -> int:
        """Numbers that describe a point."""
        if self.row.is_table:
            return len(self.inputs or self.row.first)
        return 1 if self.row.kind == "curve" else 2

    @model_validator(mode="after")
    def _columns_fit(self) -> "Data":
        row = self.row
        if len(set(self.inputs)) < len(self.inputs):
            raise ValueError("inputs: one is there twice; expected every column at most once")
        if not row.is_table and self.inputs:
            raise ValueError(f"inputs: {row.name} has no columns to choose; expected none")
        if (row.kind == "drawn") != bool(self.drawn):
            raise ValueError(f"drawn: {row.name} and drawn points; expected both or none")
        if self.drawn:
            drawing.decode(self.drawn)
        if row.kind == "real":
            for name in self.inputs:
                if name not in row.columns:
                    raise ValueError(
                        f"inputs: {row.name} has no column {name}; expected some of {', '.join(row.columns)}"
                    )
        own = bool(self.table or self.target or self.labels)
        if row.kind != "own" and own:
            raise ValueError(f"table, target and labels are not for {row.name}; expected none")
        if row.kind == "own" and not (self.table and self.target and self.inputs):
            raise ValueError("own data lack something; expected table, inputs and target")
        if len(self.labels) == 1 or len(set(self.labels)) < len(self.labels):
            raise ValueError(f"labels: expected 2 to {catalogue.MAX_CLASSES} different classes, or none")
        return self


class Layer(_Part):
    """A hidden layer: dense, batch normalization if wanted, activation, dropout."""

    neurons: Annotated[int, Field(ge=catalogue.NEURONS[0], le=catalogue.NEURONS[1])] = 4
    activation: ActivationName = "tanh"
    dropout: Annotated[float, Field(ge=catalogue.DROPOUT[0], le=catalogue.DROPOUT[1])] = 0.0
    batch_normalization: bool = False


class Network(_Part):
    """The layers part of an experiment. `bias` is the value that every bias starts with."""

    hidden: Annotated[tuple[Layer, ...], Field(max_length=catalogue.HIDDEN_LAYERS[1], strict=False)] = (
        Layer(neurons=4),
        Layer(neurons=2),
    )
    output_activation: OutputActivationName = catalogue.AUTO.name
    initializer: InitializerName = "glorot_uniform"
    bias: Annotated[float, Field(ge=catalogue.BIAS[0], le=catalogue.BIAS[1])] = 0.0


OptimizerNumber = Annotated[float | None, Field()]


class Training(_Part):
    """How the weights are learned.

    The optimizer's own numbers, where they are None, are Keras's defaults; those that the chosen optimizer
    does not have wait for another. `decay_steps` counts optimizer steps, as Keras's schedules do; a
    `clip_norm` or `max_norm` of 0 is none.
    """

    loss: LossName = "binary_crossentropy"
    optimizer: OptimizerName = "sgd"
    learning_rate: Annotated[float, Field(ge=catalogue.LEARNING_RATE[0], le=catalogue.LEARNING_RATE[1])] = (
        0.03
    )
    regularization: RegularizationName = "none"
    regularization_rate: Annotated[
        float, Field(ge=catalogue.REGULARIZATION_RATE[0], le=catalogue.REGULARIZATION_RATE[1])
    ] = 0.0
    batch_size: Annotated[int, Field(ge=catalogue.BATCH_SIZE[0], le=catalogue.BATCH_SIZE[1])] = 10
    momentum: OptimizerNumber = None
    beta_1: OptimizerNumber = None
    beta_2: OptimizerNumber = None
    rho: OptimizerNumber = None
    epsilon: OptimizerNumber = None
    weight_decay: OptimizerNumber = None
    schedule: ScheduleName = "constant"
    decay_steps: Annotated[int, Field(ge=catalogue.DECAY_STEPS[0], le=catalogue.DECAY_STEPS[1])] = 1000
    decay_rate: Annotated[float, Field(ge=catalogue.DECAY_RATE[0], le=catalogue.DECAY_RATE[1])] = 0.5
    clip_norm: Annotated[float, Field(ge=catalogue.CLIP_NORM[0], le=catalogue.CLIP_NORM[1])] = 0.0
    max_norm: Annotated[float, Field(ge=catalogue.MAX_NORM[0], le=catalogue.MAX_NORM[1])] = 0.0

    @property
    def settings(self) -> dict[str, float]:
        """The optimizer's own numbers: those given, Keras's for the rest."""
        row = catalogue.row(catalogue.OPTIMIZERS, self.optimizer)
        given = {name: getattr(self, name) for name in row.settings}
        return {name: row.settings[name] if given[name] is None else given[name] for name in given}

    @model_validator(mode="after")
    def _numbers_fit(self) -> "Training":
        for setting in catalogue.OPTIMIZER_SETTINGS:
            given = getattr(self, setting.name)
            low, high = setting.limits
            if given is not None and not low <= given <= high:
                raise ValueError(f"{setting.name}: {given:g} will not do; expected {low:g} to {high:g}")
        return self


def default_loss(problem: Problem, classes: int = 2) -> str:
    """The first loss of the catalogue that belongs to the problem."""
    return fitting_losses(problem, classes)[0]


def fitting_losses(problem: Problem, classes: int) -> list[str]:
    """The losses of the catalogue for that problem and number of classes."""
    return [row.name for row in catalogue.LOSSES if problem in row.problems and (classes <= 2 or row.several)]


class Experiment(_Part):
    """Everything that determines a run. `seed` draws weights and batches, `data.seed` the data."""

    data: Data = Data()
    features: Annotated[tuple[FeatureName, ...], Field(min_length=1, strict=False)] = ("x1", "x2")
    network: Network = Network()
    training: Training = Training()
    seed: Seed = 0

    @property
    def problem(self) -> Problem:
        return self.data.problem

    @property
    def output_activation(self) -> str:
        """The output's activation with "auto" resolved."""
        name = self.network.output_activation
        if name != catalogue.AUTO.name:
            return name
        loss = catalogue.row(catalogue.LOSSES, self.training.loss)
        return loss.outputs[0] if self.problem == "classification" else "linear"

    @property
    def classes(self) -> int:
        """Classes to tell apart; 0 for regression."""
        return self.data.class_count

    @property
    def activations(self) -> tuple[str, ...]:
        """Every layer's activation after the inputs, the output's last."""
        return (*(layer.activation for layer in self.network.hidden), self.output_activation)

    @property
    def units(self) -> tuple[int, ...]:
        """Every layer's units: inputs, hidden layers, output."""
        outputs = self.classes if self.output_activation == catalogue.SOFTMAX.name else 1
        return (len(self.features), *(layer.neurons for layer in self.network.hidden), outputs)

    @model_validator(mode="before")
    @classmethod
    def _usual_of_the_data(cls, given: Any) -> Any:
        """Without a loss, the problem's own; without features, every column of the data."""
        match given:
            case {"data": Data() | dict()}:
                members: dict[str, Any] = {**given}
                try:
                    data = Data.model_validate(members["data"])
                except ValidationError:
                    return given  # which is reported where the member is read
                members.setdefault("features", catalogue.names(catalogue.COLUMNS)[: data.columns])
                training = members.get("training", {})
                if isinstance(training, dict) and "loss" not in training:
                    loss = default_loss(data.problem, data.class_count)
                    members["training"] = {**cast(dict[str, Any], training), "loss": loss}
                return members
            case _:
                return given

    @model_validator(mode="after")
    def _parts_fit(self) -> "Experiment":
        if len(self.features) > catalogue.MAX_INPUTS:
            raise ValueError(
                f"features: {len(self.features)} are too many; expected at most {catalogue.MAX_INPUTS}"
            )
        if len(set(self.features)) < len(self.features):
            raise ValueError("features: one is there twice; expected every feature at most once")
        for name in self.features:
            feature = catalogue.row(catalogue.FEATURES, name)
            if feature.columns > self.data.columns:
                there = [row.name for row in catalogue.FEATURES if row.columns <= self.data.columns]
                raise ValueError(
                    f"features: {name} needs {feature.columns} columns, and {self.data.name} has "
                    f"{self.data.columns}; expected some of {', '.join(there)}"
                )
        loss = catalogue.row(catalogue.LOSSES, self.training.loss)
        fitting = fitting_losses(self.problem, self.classes)
        if loss.name not in fitting:
            what = self.problem if self.classes <= 2 else f"{self.classes} classes"
            raise ValueError(
                f"training.loss: {loss.name} is not for {what}, which data set {self.data.name} is; "
                f"expected one of {', '.join(fitting)}"
            )
        if self.output_activation not in loss.outputs:
            raise ValueError(
                f"network.output_activation: {loss.name} needs {' or '.join(loss.outputs)}, not "
                f"{self.output_activation}; expected {', '.join(loss.outputs)} or auto"
            )
        return self


def explain(error: ValidationError) -> tuple[str, str]:
    """What is wrong with an experiment, and what was expected, in one line each."""
    return explained(error.errors()[0])


def explained(first: Mapping[str, Any]) -> tuple[str, str]:
    """The same of one of pydantic's details of an error."""
    place = ".".join(str(part) for part in first["loc"])
    text = first["msg"].removeprefix("Value error, ")
    if not place and ": " in text:  # a check across parts names its place itself
        place, text = text.split(": ", 1)
    wrong, _, expected = text.rpartition("; ")
    if not wrong:
        given = repr(first["input"])
        shown = given if len(given) <= 60 else given[:57] + "..."
        wrong, expected = f"{shown} will not do", text
    if first["type"] == "extra_forbidden":
        wrong, expected = "no such member", "only the members that the documentation names"
    message = f"{place}: {wrong}" if place else wrong
    for opening in ("expected ", "Input should be "):
        expected = expected.removeprefix(opening)
    return message, expected
