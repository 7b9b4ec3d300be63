import json
import subprocess
import sys

import pytest

from tconv_design import schemas
from tconv_design.architecture.source import lines_of
from tconv_design.architecture.spec import read, read_file
from tconv_design.cli.output import document, error_body
from tconv_design.errors import InvalidArchitecture, InvalidQuestion, Mistake

HEAD = "input = { size = [32, 32] }\n"


def mistakes(text):
    with pytest.raises(InvalidArchitecture) as caught:
        read(text)
    return [(each.line, str(each._replace(line=0))) for each in caught.value.problems]


def of_layer(layer, before=""):
    """What is wrong with one layer, on line 3 of its file."""
    found = mistakes(f"{HEAD}layers = [ {before}\n{{ {layer} }}]")
    assert [line for line, _ in found] == [3]
    return found[0][1]


ONLY_NUMBERS = (
    "is open, and only numbers fit here; unknowns stand in the kernel, stride, padding, output_padding and dilation "
    "of a conv or tconv"
)
KINDS = "conv, tconv, max_pool, avg_pool, upsample, pixel_shuffle, pad, crop, concat, add, flatten, unflatten, linear"


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ("kernel = 3", f"a layer needs a kind; one of {KINDS}"),
        ('kind = "cnv"', "unknown kind 'cnv'; did you mean conv?"),
        ("kind = 3", f"unknown kind 3; known: {KINDS}"),
        ('kind = "conv"', "conv needs a kernel; for example kernel = 3"),
        ('kind = "upsample"', "upsample needs a scale; for example scale = 2"),
        ('kind = "concat"', 'concat needs labels; name the outputs it joins, as in labels = ["down1"]'),
        ('kind = "unflatten"', "unflatten needs a size; for example size = [7, 7]"),
        ('kind = "crop"', 'crop needs a padding, or the label of an output as like; for example padding = "1:2"'),
        ('kind = "conv", kernel = 3, strid = 2', "conv has no key 'strid'; did you mean stride?"),
        ('kind = "flatten", size = 3', "flatten has no key 'size'; known: kind, label, repeat, from, in_channels"),
        (
            'kind = "conv", kernel = 3, output_padding = 0',
            "a conv has no output_padding; drop it, or use kind tconv",
        ),
        (
            'kind = "linear", channels = 3, out_channels = 3',
            "channels and out_channels are the same; drop one of them",
        ),
        (
            'kind = "add", labels = "input", from = "a", crop = 1, pad = 1',
            "add has both crop and pad; keep the one that brings the sizes together",
        ),
        ('kind = "conv", kernel = 3.0', "kernel must be a whole number, got 3.0; write 3"),
        ('kind = "conv", kernel = 0.5', "kernel must be a whole number, got 0.5"),
        ('kind = "conv", kernel = inf', "kernel must be a whole number, got inf"),
        ('kind = "conv", kernel = true', "kernel must be a number or text, got true"),
        ('kind = "conv", kernel = 1979-05-27', "kernel must be a number or text, got a date or time"),
        ('kind = "conv", kernel = {}', "kernel must be a number or text, got a table"),
        ('kind = "conv", kernel = [[3, 3]]', "kernel must be a number or text, got a list"),
        ('kind = "conv", kernel = ""', "kernel is empty; write for example 4, [4, 6] or leave it out"),
        (
            'kind = "conv", kernel = []',
            "kernel has 0 entries, and a network has 1 to 3 axes; give one value, or one per axis",
        ),
        ('kind = "conv", kernel = "3x"', "kernel '3x' has an empty axis; write one value per axis, as in \"4x6\""),
        ('kind = "conv", kernel = "1x2x3x4"', "kernel '1x2x3x4' has 4 axes, and a network has 1 to 3"),
        ('kind = "conv", kernel = 0', "kernel must be at least 1, got 0; use kernel 1 or more"),
        ('kind = "conv", kernel = -2', "kernel must be at least 1, got -2"),
        ('kind = "conv", kernel = "5..3"', "kernel '5..3' is an empty range; write 3..5"),
        (
            'kind = "conv", kernel = "three"',
            "kernel 'three' is not a whole number, a range, a set or '?'; write for example 4, 1..7, 2,4, 3..9/2 or ?",
        ),
        (
            'kind = "conv", kernel = 1000000000000000001',
            "kernel is above 10**18, the largest size that is answered: 1000000000000000001",
        ),
        ('kind = "conv", kernel = 3, padding = -1', "padding must be at least 0, got -1"),
        ('kind = "conv", kernel = 3, padding = "1:2:3"', "padding '1:2:3' has 3 sides; write begin:end, as in 1:2"),
        (
            'kind = "conv", kernel = 3, padding = [[1, 2, 3], 0]',
            "padding of one axis has 3 entries; write [begin, end], or one number for both",
        ),
        ('kind = "conv", kernel = 3, padding = "sam"', "padding 'sam' is no known policy; did you mean same?"),
        ('kind = "conv", kernel = 3, dialect = "keros"', "unknown dialect 'keros'; did you mean keras?"),
        (
            'kind = "conv", kernel = 3, dialect = 3',
            "unknown dialect 3; known: torch, tensorflow, keras, jax, onnx, onnx-lower, paddle, mlx",
        ),
        ('kind = "upsample", scale = 2, mode = "bilinear"', "unknown mode 'bilinear'; did you mean linear?"),
        ('kind = "upsample", scale = "?"', f"scale '?' {ONLY_NUMBERS}"),
        ('kind = "max_pool", kernel = "2,4"', f"kernel '2,4' {ONLY_NUMBERS}"),
        ('kind = "crop", padding = "?"', f"padding '?' {ONLY_NUMBERS}"),
        ('kind = "conv", kernel = 1, size = "?"', f"size '?' {ONLY_NUMBERS}"),
        ('kind = "conv", kernel = 1, channels = "?"', f"channels '?' {ONLY_NUMBERS}"),
        ('kind = "conv", kernel = 1, bias = 1', "bias must be true or false, got 1; write bias = true"),
        ('kind = "conv", kernel = 1, bias = "no"', "bias must be true or false, got 'no'; write bias = false"),
        ('kind = "conv", kernel = 1, repeat = 0', "repeat must be at least 1, got 0; use repeat 1 or more"),
        ('kind = "conv", kernel = 1, label = 3', 'label must be text, got 3; write label = "..."'),
        ('kind = "conv", kernel = 1, label = ""', "label must be 1 to 100 printable characters, got ''"),
        (
            'kind = "conv", kernel = 1, label = "\\u001b[31m"',
            "label must be 1 to 100 printable characters, got '\\x1b[31m'",
        ),
        (
            'kind = "conv", kernel = 1, label = "input"',
            "label 'input' is the network's own input; use another label",
        ),
        (
            'kind = "conv", kernel = 1, groups = 4, channels = 10',
            "channels 10 must be a multiple of groups 4; use channels 12",
        ),
        (
            'kind = "conv", kernel = 1, groups = 4, in_channels = 3',
            "in_channels 3 must be a multiple of groups 4; use in_channels 4",
        ),
        (
            'kind = "concat", labels = []',
            "labels is an empty list; name the labels of the outputs that are joined",
        ),
        (
            'kind = "concat", labels = "a"',
            "concat joins 'a' with itself: that is the signal before; name another label",
        ),
        ('kind = "conv", kernel = 1, from = "b"', "from 'b' is the label of no layer; known: input, a"),
        ('kind = "crop", like = "inputs"', "like 'inputs' is the label of no layer; did you mean input?"),
        (
            'kind = "tconv", kernel = 3, stride = 2, output_padding = 2',
            "output_padding 2 must be less than max(stride 2, dilation 1) = 2; use output_padding 0..1, or stride 3",
        ),
        (
            'kind = "tconv", kernel = "?", stride = "1..3", output_padding = "3,4"',
            "output_padding 3,4 must be less than max(stride 1..3, dilation 1) = 3; "
            "use output_padding 0..2, or stride 4",
        ),
        (
            'kind = "tconv", kernel = "?", output_padding = 1',
            "output_padding 1 must be less than max(stride 1, dilation 1) = 1; use output_padding 0, or stride 2",
        ),
        (
            'kind = "tconv", kernel = 3, padding = "same"',
            "dialect torch has no padding 'same' for a tconv; "
            "dialects that have it: tensorflow, keras, jax, onnx, onnx-lower, paddle",
        ),
        (
            'kind = "conv", kernel = 3, padding = "causal", dialect = "keras"',
            "causal padding is for 1-D layers only, in keras and in flax; write padding begin:end",
        ),
        (
            'kind = "conv", kernel = 3, stride = 2, padding = "same"',
            "torch has padding 'same' only for stride 1, got stride 2; "
            'use dialect = "tensorflow", or write the numbers',
        ),
        (
            'kind = "conv", kernel = "?", stride = 2, padding = "causal"',
            "causal padding is for 1-D layers only, in keras and in flax; write padding begin:end",
        ),
        (
            'kind = "max_pool", kernel = 2, stride = 2, dilation = 2, padding = "same", dialect = "keras"',
            "keras refuses stride 2 together with dilation 2; use stride 1 or dilation 1",
        ),
        (
            f'kind = "upsample", scale = {6 * 10**17}, mode = "linear"',
            "kernel '1200000000000000000' is above 10**18, the largest size that is answered",
        ),
    ],
)
def test_a_wrong_layer_is_a_sentence(layer, sentence):
    assert of_layer(layer, '{ kind = "conv", kernel = 1, label = "a" },') == sentence


def test_what_is_no_layer_is_said():
    sentence = 'a layer must be a table, got 3; write { kind = "conv", kernel = 3 }'
    assert mistakes(f"{HEAD}layers = [3]") == [(2, sentence)]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", 0, "a file needs layers; write [[layers]]"),
        ("layers = []", 2, "layers must be a list of tables, got an empty list; write [[layers]]"),
        ("[layers]\nkind = 'conv'", 2, "layers must be a list of tables, got a table; write [[layers]]"),
    ],
)
def test_a_file_needs_layers(text, line, sentence):
    assert mistakes(HEAD + text) == [(line, sentence)]


FLAT = 'layers = [{ kind = "flatten" }]\n'


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", 0, "a file needs an input; for example input = { channels = 3, size = [64, 64] }"),
        ("input = 3", 2, "input must be a table, got 3; for example input = { channels = 3, size = [64, 64] }"),
        ("input = {}\nname = ''", 3, "name must be 1 to 100 printable characters, got ''"),
        ("input = {}\nlayer = 1", 3, "an architecture file has no key 'layer'; did you mean layers?"),
        ("input = { sise = 1 }", 2, "input has no key 'sise'; did you mean size?"),
        ("input = { size = '1..4' }", 2, "size '1..4' is open in part; write numbers, or ? on every axis"),
        ("input = { size = ['?', 4] }", 2, "size '?x4' is open in part; write numbers, or ? on every axis"),
        ("input = { channels = 0 }", 2, "channels must be at least 1, got 0; use channels 1 or more"),
        (
            "input = {}\noutput = 'same'",
            3,
            "output must be a table, got 'same'; write output = { channels = 3, size = [64, 64] }, "
            'or output = "input"',
        ),
        ("input = {}\noutput = { size = '?' }", 3, f"size '?' {ONLY_NUMBERS}"),
        ("input = {}\ndialect = 'keros'", 3, "unknown dialect 'keros'; did you mean keras?"),
        ("input = {}\ndefaults = 3", 3, "defaults must be a table, got 3; write [defaults], and below it for example "
         "kernel = 3"),
        ("input = {}\n[defaults]\n\nlabel = 'a'", 5, "label is each layer's own, and has no default; "
         "write it in the layer"),
        ("input = {}\n[defaults]\nkernal = 3", 4, "defaults has no key 'kernal'; did you mean kernel?"),
        ("input = {}\n[defaults]\nkernel = 0", 4, "kernel must be at least 1, got 0; use kernel 1 or more"),
        ("input = {}\n[defaults]\nchannels = 1\nout_channels = 1", 5,
         "channels and out_channels are the same; drop one of them"),
    ],
)  # fmt: skip
def test_a_wrong_head_is_a_sentence(text, line, sentence):
    assert mistakes(FLAT + text) == [(line, sentence)]


def test_a_wrong_default_is_said_once_where_it_stands():
    text = HEAD + '[defaults]\nkernel = "?"\n' + '[[layers]]\nkind = "max_pool"\n' * 3 + '[[layers]]\nkind = "conv"\n'
    assert mistakes(text) == [(3, f"kernel '?' {ONLY_NUMBERS}".replace("here;", "here (in a max_pool);"))]


def test_a_default_that_breaks_a_rule_is_said_where_it_stands():
    text = HEAD + '[defaults]\nkernel = 3\npadding = "causal"\n[[layers]]\nkind = "conv"\n'
    assert [line for line, _ in mistakes(text)] == [4]


def test_axes_that_disagree_name_both_places():
    text = HEAD + '[[layers]]\nkind = "conv"\nkernel = [3, 3, 3]\n[[layers]]\nkind = "conv"\nkernel = "3x5"\n'
    hint = "give one value, or one per axis, to each"
    assert mistakes(text) == [
        (1, f"input.size has 2 axes and kernel has 3, on line 4; {hint}"),
        (7, f"kernel has 2 axes and kernel has 3, on line 4; {hint}"),
    ]


def test_a_given_size_may_disagree_too():
    text = 'input = {}\n[[layers]]\nkind = "conv"\nkernel = [3, 3, 3]\n'
    with pytest.raises(InvalidArchitecture) as caught:
        read(text, "8x8")
    sentence = "the given in has 2 axes and kernel has 3, on line 4; give one value, or one per axis, to each"
    assert str(caught.value) == f"the text: {sentence}"
    with pytest.raises(InvalidArchitecture, match=r"line 4: kernel has 2 axes and the given in has 3; give one value"):
        read(text.replace(", 3]", "]"), "8x8x8")


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ("8y8", "in '8y8' is not a whole number, a range, a set or '\\?'"),
        ("?", "in '\\?' is open, and only numbers fit here"),
        ("0", "in must be at least 1, got 0"),
        ("8x", "in '8x' has an empty axis; write one value per axis, as in \"4x6\""),
    ],
)
def test_a_wrong_given_size_is_refused_before_the_file(size, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        read("no toml", size)


def test_a_later_label_is_refused_and_named():
    text = HEAD + (
        '[[layers]]\nkind = "conv"\nkernel = 1\nfrom = "b"\n'
        '[[layers]]\nkind = "conv"\nkernel = 1\nlabel = "b"\nfrom = "b"\n'
    )
    assert mistakes(text) == [
        (5, "from 'b' is the label of a later layer, on line 9; signals flow forwards: name an earlier one"),
        (10, "from 'b' is the label of this layer itself, on line 9; signals flow forwards: name an earlier one"),
    ]


def test_a_label_stands_once():
    text = HEAD + '[[layers]]\nkind = "conv"\nkernel = 1\nlabel = "b"\n' * 2
    assert mistakes(text) == [(9, "label 'b' is taken, on line 5; labels are unique")]


def test_the_label_of_a_wrong_layer_is_known_to_others():
    text = HEAD + '[[layers]]\nkind = "cnv"\nlabel = "a"\n[[layers]]\nkind = "concat"\nlabels = ["a", "input"]\n'
    assert mistakes(text) == [(3, "unknown kind 'cnv'; did you mean conv?")]


def test_a_wrong_value_brings_no_other_mistake_about():
    assert of_layer('kind = "tconv", kernel = 3, stride = "two", output_padding = 1').startswith("stride 'two' is not")


# the lines of every form in which TOML can say it

FORMS = [
    ('[[layers]]\n\nkind = "conv"\n# kernel = 1\n  kernel   = 0', 6),
    ('[[layers]]\nkind = "conv"\n"kernel" = 0', 4),
    ("[[layers]]\nkind = \"conv\"\n'kernel' = 0", 4),
    ('[[layers]]\nkind = "conv"\n"k\\u0065rnel" = 0', 4),
    ('[["layers"]]\nkind = "conv"\nkernel = 0', 4),
    ('[[ layers ]] # [[layers]]\r\nkind = "conv"\r\nkernel = 0', 4),
    ('layers = [{ kind = "conv", kernel = 0 }]', 2),
    ('layers = [\n  # a comment, with ]\n  { kind = "conv",\n    kernel = 0,\n },\n]', 5),
    ('layers = [\n{ kind = "conv", kernel = 1, label = "kernel = }]" },\n{ kernel = 0, kind = "conv" }]', 4),
    ("[[layers]]\nkind = \"\"\"\\\n   conv\"\"\"\nlabel = '''kernel = 0'''\nkernel = 0", 6),
    ('[[layers]]\nkind = "conv"\nlabel = """a ""quoted"" "one\\"""""\nkernel = 0', 5),
    ("[[layers]]\nkind = \"conv\"\nlabel = '''it's''''\nkernel = 0", 5),
    ('[[layers]]\nkind = "conv"\npadding = [ # two\n 1,\n [0, 1],\n]\nkernel = 0', 8),
    ('[[layers]]\nkind = "conv"\nkernel = [\n3,\n0]', 4),
    ('[[layers]]\nkind = "conv"\nkernel = 1\n[[layers]]\nkind = "conv"\nkernel = 0', 7),
    ('[[layers]]\nkind = "conv"\nlabel = "[[layers]]"\nkernel = 1\n[[layers]]\nkind = "conv"\nkernel = 0', 8),
]


@pytest.mark.parametrize(("text", "line"), FORMS)
def test_a_mistake_has_its_line_in_every_form(text, line):
    assert mistakes(HEAD + text) == [(line, "kernel must be at least 1, got 0; use kernel 1 or more")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("input.channels = 0", 2),
        ("input.size = 4\ninput.channels = 0", 3),
        ('input . "channels" = 0', 2),
        ("[input]\nsize = 4\nchannels = 0", 4),
        ("input = {\n  size = 4,\n  channels = 0\n}", 4),
    ],
)
def test_a_dotted_key_is_found(text, line):
    assert mistakes(FLAT + text) == [(line, "channels must be at least 1, got 0; use channels 1 or more")]


def test_a_missing_key_has_the_line_of_its_table():
    assert mistakes(HEAD + '\n\n[[layers]]\nkind = "conv"\n')[0][0] == 4
    assert mistakes(HEAD + 'layers = [\n\n{\nkind = "conv" }]')[0][0] == 4


def test_the_lines_of_a_text_are_all_found():
    text = 'a.b = 1\n[c]\nd = [[1], {e = 2,\n f = {g = 3}}]\n[[h]]\n[[h]]\n[h.i]\nj = "x\\"y"\n[[h.k]]\nl = 1'
    assert dict(reversed(list(lines_of(text)))) == {
        ("a",): 1, ("a", "b"): 1, ("c",): 2, ("c", "d"): 3, ("c", "d", 0): 3, ("c", "d", 0, 0): 3,
        ("c", "d", 1): 3, ("c", "d", 1, "e"): 3, ("c", "d", 1, "f"): 4, ("h",): 5, ("h", 0): 5, ("h", 1): 6,
        ("h", 1, "i"): 7, ("h", 1, "i", "j"): 8, ("h", 1, "k"): 9, ("h", 1, "k", 0): 9,
    }  # fmt: skip


# no TOML at all

NO_TOML = [
    ("a = \n", "the text, line 1: this is no TOML: invalid value (column 5)"),
    ("a = 1\nb = [1,\n", "the text, line 2: this is no TOML: invalid value (column 1)"),
    ("a = 1\na = 2\n", "the text, line 2: this is no TOML: cannot overwrite a value (column 6)"),
    ("\x00", "the text, line 1: this is no TOML: invalid statement (column 1)"),
    ("a = 1 b = 2", "the text, line 1: this is no TOML: expected newline or end of document after a statement "
     "(column 7)"),
    ("a = " + "[" * 1000, "the text: tables, lists or dotted keys are nested too deep to be read"),
    ("a." * 2000 + "b = 1", "the text: tables, lists or dotted keys are nested too deep to be read"),
    ("\n\na = " + "1" * 5000, "the text, line 3: a number has thousands of digits; 10**18 is the largest"),
    ("a = " + "1" * 5000 + "\nb = " + "2" * 5000, "the text: a number has thousands of digits; 10**18 is the largest"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), NO_TOML)
def test_what_is_no_toml_is_one_sentence(text, sentence):
    with pytest.raises(InvalidArchitecture) as caught:
        read(text)
    assert str(caught.value) == sentence


def test_a_file_that_is_none_is_one_sentence(tmp_path):
    (tmp_path / "net.toml").write_bytes(b"name = 'a'\nname = '\xff'")
    for name, sentence in [
        ("net.toml", "net.toml, line 2: byte 0xff is not UTF-8; save the file as UTF-8"),
        ("nett.toml", "there is no file .*nett.toml; did you mean .*net.toml\\?"),
        ("quite other", "there is no file .*; give an architecture file, or - for stdin"),
        ("no/where.toml", "there is no file .*; give the path of an architecture file, or - for stdin"),
        ("", "is a directory; name an architecture file in it"),
        ("net.toml/more", "cannot be read: Not a directory|there is no file"),
        ("nul\x00byte", "cannot be read: embedded null byte"),
        ("a" * 5000, "cannot be read: File name too long"),
    ]:
        with pytest.raises(InvalidQuestion, match=sentence):
            read_file(str(tmp_path / name) if name else str(tmp_path))


def test_a_file_is_named_in_its_mistakes(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(FLAT)
    with pytest.raises(InvalidArchitecture) as caught:
        read_file(str(path))
    assert str(caught.value).startswith(f"{path}: a file needs an input; for example")
    path.write_text(FLAT + "input = 3")
    with pytest.raises(InvalidArchitecture) as caught:
        read_file(str(path))
    assert str(caught.value).startswith(f"{path}, line 2: input must be a table")


# many mistakes


def test_all_mistakes_are_said_at_once_in_the_order_of_their_lines():
    text = 'layers = [{ kind = "conv" },\n{ kind = "cnv" }]\ninput = 3\nnane = 1'
    with pytest.raises(InvalidArchitecture) as caught:
        read(text)
    assert str(caught.value).split("\n") == [
        "the text has 4 mistakes",
        "  line 1: conv needs a kernel; for example kernel = 3",
        "  line 2: unknown kind 'cnv'; did you mean conv?",
        "  line 3: input must be a table, got 3; for example input = { channels = 3, size = [64, 64] }",
        "  line 4: an architecture file has no key 'nane'; did you mean name?",
    ]
    assert [problem.key for problem in caught.value.problems] == ["kernel", "kind", "input", "nane"]


def test_twenty_mistakes_are_printed_and_the_rest_counted():
    text = HEAD + "".join(f'[[layers]]\nkind = "conv"\nkernel = 0\nfoo{n} = 1\n' for n in range(1500))
    with pytest.raises(InvalidArchitecture) as caught:
        read(text)
    first, *lines, last = str(caught.value).split("\n")
    assert (first, len(lines), last) == ("the text has 3000 mistakes", 20, "  and 2980 more")
    assert (caught.value.count, len(caught.value.problems)) == (3000, 1000)


def test_a_default_is_counted_once_among_very_many():
    text = (
        HEAD
        + '[defaults]\nkernel = "?"\n'
        + "".join(f'[[layers]]\nkind = "max_pool"\nfoo{n} = 1\n' for n in range(1500))
    )
    with pytest.raises(InvalidArchitecture, match="the text has 1501 mistakes"):
        read(text)


def test_the_error_document_lists_the_mistakes():
    with pytest.raises(InvalidArchitecture) as caught:
        read(HEAD + 'layers = [\n{ kind = "conv", kernal = 3, kernel = 3 }, {}]')
    body = error_body(caught.value)["error"]
    assert body["problems"][0] == {
        "line": 3, "key": "kernal", "message": "conv has no key 'kernal'", "hint": "did you mean kernel?",
    }  # fmt: skip
    from jsonschema import Draft202012Validator

    Draft202012Validator(schemas.load("error")).validate(json.loads(json.dumps(document(None, {"error": body}))))


def test_a_mistake_is_a_sentence_with_its_line():
    assert str(Mistake(3, "kernel", "it is wrong", "right it")) == "line 3: it is wrong; right it"
    assert str(Mistake(0, "kernel", "it is wrong")) == "it is wrong"


def test_stdin_that_is_no_toml_is_called_stdin():
    program = (
        "from tconv_design.architecture.spec import read_file\ntry: read_file('-')\nexcept Exception as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", program], input="a", capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("stdin, line 1: this is no TOML: expected '=' after a key")
