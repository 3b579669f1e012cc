"""The experiment: everything that determines a run. Frozen and validated."""

from collections.abc import Callable
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from models import catalogue
from models.catalogue import Problem


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
RegularizationName = Annotated[str, AfterValidator(_one_of(catalogue.names(catalogue.REGULARIZATIONS)))]
Seed = Annotated[int, Field(ge=catalogue.SEED[0], le=catalogue.SEED[1])]


class _Part(BaseModel):
    # Strict: "3" is no number and true is no integer, whoever sends it.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Data(_Part):
    """A synthetic data set, drawn from `seed`; `noise` and `train_share` are fractions."""

    name: DataSetName = "circle"
    noise: Annotated[float, Field(ge=catalogue.NOISE[0], le=catalogue.NOISE[1])] = 0.0
    train_share: Annotated[float, Field(ge=catalogue.TRAIN_SHARE[0], le=catalogue.TRAIN_SHARE[1])] = 0.5
    seed: Seed = 0


class Layer(_Part):
    """A hidden layer."""

    neurons: Annotated[int, Field(ge=catalogue.NEURONS[0], le=catalogue.NEURONS[1])] = 4
    activation: ActivationName = "tanh"


class Network(_Part):
    """The layers part of an experiment. `bias` is the value that every bias starts with."""

    hidden: Annotated[tuple[Layer, ...], Field(max_length=catalogue.HIDDEN_LAYERS[1], strict=False)] = (
        Layer(neurons=4),
        Layer(neurons=2),
    )
    output_activation: OutputActivationName = catalogue.AUTO.name
    initializer: InitializerName = "glorot_uniform"
    bias: Annotated[float, Field(ge=catalogue.BIAS[0], le=catalogue.BIAS[1])] = 0.0


class Training(_Part):
    """How the weights are learned."""

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


def default_loss(problem: Problem) -> str:
    """The first loss of the catalogue that belongs to the problem."""
    return next(row.name for row in catalogue.LOSSES if problem in row.problems)


class Experiment(_Part):
    """Everything that determines a run. `seed` draws weights and batches, `data.seed` the data."""

    data: Data = Data()
    features: Annotated[tuple[FeatureName, ...], Field(min_length=1, strict=False)] = ("x1", "x2")
    network: Network = Network()
    training: Training = Training()
    seed: Seed = 0

    @property
    def problem(self) -> Problem:
        return catalogue.row(catalogue.DATA_SETS, self.data.name).problem

    @property
    def output_activation(self) -> str:
        """The output's activation with "auto" resolved."""
        name = self.network.output_activation
        if name != catalogue.AUTO.name:
            return name
        return "sigmoid" if self.problem == "classification" else "linear"

    @property
    def activations(self) -> tuple[str, ...]:
        """Every layer's activation after the inputs, the output's last."""
        return (*(layer.activation for layer in self.network.hidden), self.output_activation)

    @property
    def units(self) -> tuple[int, ...]:
        """Every layer's units: inputs, hidden layers, output."""
        return (len(self.features), *(layer.neurons for layer in self.network.hidden), 1)

    @model_validator(mode="before")
    @classmethod
    def _loss_of_the_problem(cls, given: Any) -> Any:
        """Without a loss, the problem's own."""
        match given:
            case {"data": {"name": str(name)}} if name in catalogue.names(catalogue.DATA_SETS):
                members: dict[str, Any] = given
                training = members.get("training", {})
                if isinstance(training, dict) and "loss" not in training:
                    loss = default_loss(catalogue.row(catalogue.DATA_SETS, name).problem)
                    return {**members, "training": {**cast(dict[str, Any], training), "loss": loss}}
            case _:
                pass
        return given

    @model_validator(mode="after")
    def _parts_fit(self) -> "Experiment":
        if len(self.features) > catalogue.MAX_INPUTS:
            raise ValueError(
                f"features: {len(self.features)} are too many; expected at most {catalogue.MAX_INPUTS}"
            )
        if len(set(self.features)) < len(self.features):
            raise ValueError("features: one is there twice; expected every feature at most once")
        loss = catalogue.row(catalogue.LOSSES, self.training.loss)
        if self.problem not in loss.problems:
            fitting = [row.name for row in catalogue.LOSSES if self.problem in row.problems]
            raise ValueError(
                f"training.loss: {loss.name} is not for {self.problem}, which data set {self.data.name} is; "
                f"expected one of {', '.join(fitting)}"
            )
        if loss.output not in (None, self.output_activation):
            raise ValueError(
                f"network.output_activation: {loss.name} needs {loss.output}, not {self.output_activation}; "
                f"expected {loss.output} or auto"
            )
        return self


def explain(error: ValidationError) -> tuple[str, str]:
    """What is wrong with an experiment, and what was expected, in one line each."""
    first = error.errors()[0]
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
