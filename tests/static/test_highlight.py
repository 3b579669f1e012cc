"""Python in colours, against Python's own tokenizer."""

import io
import keyword
import tokenize

import pytest
from playwright.sync_api import Page

from models import catalogue
from models.code import script
from models.experiment import Experiment

OWN = '''"""Words: for, 12, # no comment."""
import numpy as np  # and "no string" 3
x1, _2, y = 1.5e-3, .5, 0x1F + 1_000 - 2. + 1e5  # x1 is a name
text = 'it\\'s' + rb"\\"raw" + f"{x1} for 2"
class Forest:
    def format(self, not_in=None) -> None:
        if self.x1 is not None and x1 not in (True, False): return lambda: y
'''


def expected(text: str) -> list[list[str]]:
    """Kind and text of all that has a colour, as the tokenizer finds it."""
    lines = text.splitlines(keepends=True)
    kinds = {tokenize.STRING: "string", tokenize.COMMENT: "comment", tokenize.NUMBER: "number"}
    found: list[list[str]] = []
    start = None  # of an f-string, which newer tokenizers take to pieces
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "FSTRING_START":
            start = token.start
        elif kind == "FSTRING_END" and start is not None:
            found.append(["string", lines[start[0] - 1][start[1] : token.end[1]]])
            start = None
        elif start is None and token.type in kinds:
            found.append([kinds[token.type], token.string])
        elif start is None and token.type == tokenize.NAME and keyword.iskeyword(token.string):
            found.append(["keyword", token.string])
    return found


TEXTS = {"own": OWN} | {
    row.name: script.keras_code(
        Experiment.model_validate({"network": {"hidden": [{"neurons": 3, "dropout": 0.2}]}}), row.name
    )
    for row in catalogue.CODE_STYLES
    if row.trains
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_coloured_is_what_python_finds(modules: Page, name: str) -> None:
    pieces = modules.evaluate(
        'async (text) => (await import("/static/take/highlight.js")).pieces(text)', TEXTS[name]
    )
    assert "".join(piece for _, piece in pieces) == TEXTS[name]
    assert [piece for piece in pieces if piece[0] != "plain"] == expected(TEXTS[name])


def test_a_long_text_is_whole_and_has_few_elements(modules: Page) -> None:
    text = "1, 2,\n" * 20_000
    count, whole = modules.evaluate(
        """async (text) => {
          const nodes = (await import("/static/take/highlight.js")).coloured(text);
          document.body.replaceChildren(...nodes);
          return [nodes.length, document.body.textContent === text];
        }""",
        text,
    )
    assert whole
    assert 100 < count < 40_000
