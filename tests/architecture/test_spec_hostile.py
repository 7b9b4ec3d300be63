import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tconv_design.architecture.fields import DEFAULTS, KEYS, TOP
from tconv_design.architecture.model import Architecture
from tconv_design.architecture.source import lines_of
from tconv_design.architecture.spec import read
from tconv_design.errors import InvalidArchitecture, InvalidQuestion

GIB = 1 << 30

PROGRAM = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
except ImportError:
    pass
from tconv_design.architecture.spec import read
from tconv_design.errors import InvalidQuestion
HEAD = "input = {{ size = 4 }}\\n"
LAYER = '[[layers]]\\nkind = "conv"\\nkernel = 1\\n'
text = {text}
try:
    print(len(read(text).blocks), "layers")
except InvalidQuestion as error:
    sentence = str(error)
    assert len(sentence) < 8000, len(sentence)
    print(sentence)
"""

HOSTILE = [
    ("'a = ' + '[' * 10**6", "nested too deep"),
    ("'a = ' + '{b = ' * 10**6", "nested too deep"),
    ("'a.' * 10**6 + 'b = 1'", "nested too deep"),
    ("'[' + 'a.' * 10**6 + 'b]'", "nested too deep"),
    ("HEAD + 'layers = ' + '[' * 300 + ']' * 300", "a layer must be a table, got a list"),
    ("HEAD + 'layers = [{' + 'a.' * 900 + 'b = {' + 'c.' * 900 + 'd = 1}}]'", "a layer needs a kind"),
    ("HEAD + LAYER + 'repeat = 1000000000'", "there are 1000000000 layers, and at most 100000 are read"),
    ("HEAD + (LAYER + 'repeat = 1000000\\n') * 9", "there are 1000000 layers, and at most 100000 are read"),
    ("HEAD + LAYER * 400000", "there are 100001 layers, and at most 100000 are read"),
    ("HEAD + LAYER + 'repeat = 100000'", "100000 layers"),
    ("HEAD + '[[layers]]\\n' * 100000", "has 100000 mistakes"),
    ("HEAD + 'layers = [' + '{},' * 10**6 + ']'", "has 100002 mistakes"),
    ("'\\n'.join(f'a{n} = 1' for n in range(10**6))", "has 1000002 mistakes"),
    ("HEAD + LAYER + '\"' + 'a' * 10**6 + '\" = 1'", "conv has no key 'aaaa"),
    ("HEAD + LAYER + 'padding = \"' + 'a' * 10**6 + '\"'", "(1000000 characters)"),
    ("HEAD + LAYER + 'padding = \"' + '1x' * 10**6 + '\"'", "(2000000 characters)"),
    ("HEAD + LAYER + 'dialect = \"' + 'a' * 10**6 + '\"'", "(1000000 characters)"),
    ("HEAD + LAYER + 'label = \"' + 'a' * 10**6 + '\"'", "(1000000 characters)"),
    ("HEAD + LAYER + 'name = \"' + 'a' * 10**6 + '\"'", "conv has no key 'name'"),
    ("'name = \"' + 'a' * 10**6 + '\"\\n' + HEAD + LAYER", "printable characters, got 'aaaa"),
    ("HEAD + '[[layers]]\\nkind = \"' + 'a' * 10**6 + '\"'", "unknown kind 'aaaa"),
    ("HEAD + '[[layers]]\\nkind = \"conv\"\\nkernel = [' + '1,' * 10**6 + ']'", "kernel has 1000000 entries"),
    ("HEAD + LAYER + 'groups = ' + '1' * 4000", "groups is above 10**18"),
    ("HEAD + LAYER + 'groups = -' + '1' * 4000", "groups must be at least 1"),
    ("HEAD + LAYER + 'groups = 0x' + 'f' * 10**6", "groups is above 10**18"),
    ("HEAD + LAYER + 'groups = ' + '1' * 10**6", "thousands of digits"),
    ("HEAD + LAYER + 'groups = \"' + '1' * 9000 + '\"'", "above 10**18"),
    (
        "HEAD + LAYER + 'label = \"a\"\\n[[layers]]\\nkind = \"concat\"\\nlabels = [' + '\"a\",' * 10**6 + ']'",
        "joins at most 256",
    ),
    (
        'HEAD + \'\'.join(f\'[[layers]]\\nkind = "concat"\\nlabels = "x{n}"\\nlabel = "y{n}"\\n\' '
        "for n in range(90000))",
        "has 90000 mistakes",
    ),
    ("HEAD + '#\\n' * 7000000 + LAYER", "1 layers"),
    ("'#' * 17000000", "has more than 16 MB"),
    ("'\\x00' * 10**6", "this is no TOML"),
]


@pytest.mark.parametrize(("text", "sentence"), HOSTILE)
def test_a_hostile_file_is_answered_in_bounded_time_and_memory(text, sentence):
    program = PROGRAM.format(text=text, limit=GIB)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert sentence in done.stdout


words = st.sampled_from(
    [*KEYS, *DEFAULTS, *TOP, "?", "1..4", "2,4", "4x6", "1:2x0:1", "same", "a", "b", "input", "size", "", "1", "x", ":"]
)
scalars = words | st.integers(-2, 5) | st.booleans() | st.floats() | st.just(10**18) | st.just(10**19)
toml_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words.filter(bool), inner, max_size=3),
    max_leaves=4,
)
likely = {
    "conv": {"kernel": st.sampled_from([3, [3, 3], "?", "1..4"])},
    "tconv": {"kernel": st.sampled_from([4, [4, 3], "2x2"])},
    "max_pool": {"kernel": st.just(2)},
    "concat": {"labels": st.sampled_from(["a", ["a", "b"], "input"])},
    "crop": {"like": st.sampled_from(["a", "b", "input"])},
    "upsample": {"scale": st.just(2)},
    "flatten": {},
}
good_layers = st.sampled_from(sorted(likely)).flatmap(
    lambda kind: st.fixed_dictionaries(
        {"kind": st.just(kind), **likely[kind]},
        optional={"label": st.sampled_from(["a", "b"]), "repeat": st.integers(1, 3), "padding": toml_values},
    )
)
layers = st.one_of(good_layers, st.dictionaries(words.filter(bool), toml_values, max_size=4), toml_values)
files = st.fixed_dictionaries(
    {"layers": st.lists(layers, max_size=5) | toml_values},
    optional={
        "input": st.fixed_dictionaries({}, optional={"size": toml_values, "channels": toml_values}) | toml_values,
        "output": toml_values,
        "defaults": st.dictionaries(words.filter(bool), toml_values, max_size=3),
        "dialect": words,
        "name": scalars,
    },
)


def dumped(value):
    """A value as TOML, in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {dumped(each)}' for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dumped, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def answered(text):
    """Whatever a text holds: an architecture, or mistakes on lines that it has."""
    try:
        return isinstance(read(text), Architecture)
    except InvalidArchitecture as error:
        lines = text.count("\n") + 1
        return str(error) != "" and all(0 <= each.line <= lines and each.message for each in error.problems)
    except InvalidQuestion as error:
        return str(error) != ""


@given(files)
@settings(max_examples=600, deadline=None)
def test_any_table_is_an_architecture_or_mistakes(tables):
    assert answered("\n".join(f'"{key}" = {dumped(value)}' for key, value in tables.items()))


@given(st.text(alphabet="[]{}=\"'\\#.,\n abx123?:layerskind_", max_size=80) | st.text(max_size=40))
@settings(max_examples=600, deadline=None)
@example("a = '\ud800'")
@example("\ufeffa = 1")
def test_any_text_is_an_architecture_or_mistakes(text):
    assert answered(text)


PIECES = ["[[layers]]\n", 'kind = "conv"\n', "kernel = 3\n", "input = {}\n", "# [[\n", '"""', "'''", "[", "]", "{", "}"]
PIECES += [
    "=",
    ",",
    '"',
    "'",
    "\n",
    "\\",
    "a",
    ".",
    "layers",
    " ",
    "\r\n",
    "1",
    '"\\""',
    "[defaults]\n",
    "[layers.x]\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(max_examples=1500, deadline=None)
def test_any_pieces_are_an_architecture_or_mistakes(text):
    assert answered("input.size = 3\n" + text)


@given(files)
@settings(max_examples=200, deadline=None)
def test_every_key_of_any_table_has_its_line(tables):
    text = "\n\n".join(f'"{key}" = {dumped(value)}' for key, value in tables.items())
    found = dict(lines_of(text))
    assert [found[(key,)] for key in tables] == list(range(1, 2 * len(tables), 2))
