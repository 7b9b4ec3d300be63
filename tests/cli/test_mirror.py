import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas
from tconv_design.architecture.spec import read

HEAD = "input = { channels = 2, size = 32 }"
CONV = '{ kind = "conv", kernel = 3 }'


@pytest.fixture
def file(tmp_path):
    def write(layers, head=HEAD):
        path = tmp_path / "net.toml"
        path.write_text(f"{head}\nlayers = [\n{layers}\n]\n", encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def mirror(ask, file):
    """The answer of `mirror` for some layers, and its document, which has the shape of its schema."""

    def mirror(layers, head=HEAD, options=""):
        said = ask(f"mirror {file(layers, head)} {options} --json")
        Draft202012Validator(schemas.load("mirror")).validate(said.document)
        return said

    return mirror


def test_the_document_has_the_layers_the_sizes_and_the_file(mirror):
    said = mirror('{ kind = "conv", channels = 8, kernel = 3, stride = 2, padding = 1 }')
    document = said.document
    (layer,) = document["layers"]
    assert said.code == 0
    assert (layer["kind"], layer["output_padding"], layer["in_channels"], layer["out_channels"]) == ("tconv", [1], 8, 2)
    assert document["sizes"] == [[16], [32]]
    assert read(document["file"]).output.size == (32,)
    assert document["works_for"] == [{"modulus": 2, "remainder": 0, "from": 2}]
    assert document["inputs"] == [[31, 32]]
    assert document["levels"] == [
        {
            "of": "layer 1 (conv)",
            "kind": "tconv",
            "in": [16],
            "out": [32],
            "layer": layer,
            "output_padding": [1],
            "keras": None,
            "inputs": [[31, 32]],
        }
    ]


def test_both_meanings_of_output_padding_stand_in_the_document(mirror):
    layers = '{ kind = "conv", kernel = 3, stride = 2, padding = "same", dialect = "keras", repeat = 4 }'
    levels = mirror(layers, options="--in 25").document["levels"]
    assert [level["keras"] for level in levels] == [
        {"padding": "same", "output_padding": [extra]} for extra in (1, 0, 0, 0)
    ]
    assert [level["output_padding"] for level in levels] == [[0]] * 4


def test_axes_that_differ_have_a_list_each(mirror):
    document = mirror('{ kind = "conv", kernel = 3, stride = 2, padding = 1 }', options="--in 32x31").document
    assert document["layers"][0]["output_padding"] == [1, 0]
    assert [row[0]["remainder"] for row in document["works_for"]] == [0, 1]


def test_a_flat_end_has_an_empty_size(mirror):
    layers = '{ kind = "max_pool", kernel = 2 }, { kind = "flatten" }, { kind = "linear", channels = 5 }'
    document = mirror(layers).document
    assert document["sizes"] == [[], [], [16], [32]]
    assert [level["kind"] for level in document["levels"]] == ["linear", "unflatten", "upsample"]
    assert (document["layers"], document["inputs"]) == ([], [[32, 32]])


def test_where_the_encoder_ends_early_there_is_no_mirror(mirror):
    said = mirror('{ kind = "conv", kernel = 40 }')
    assert (said.code, said.document["layers"], said.document["file"]) == (1, [], "")
    assert said.document["why"].startswith("layer 1 (conv): the kernel spans 40 rows")


def test_an_open_size_is_exit_code_2(ask, file):
    said = ask(f"mirror {file(CONV, 'input = { channels = 2 }')}")
    sentence = "the file leaves its input size open; give it, as in --in 64x64"
    assert (said.code, said.err) == (2, f"tconv-design: {sentence}\n")


def test_the_decoder_that_is_printed_is_a_file_that_checks(ask, file, tmp_path):
    layers = '{ kind = "conv", channels = 8, kernel = 5, stride = 3, padding = 1 }, { kind = "avg_pool", kernel = 2 }'
    text = ask(f"mirror {file(layers)} --in 41x37").out
    decoder = tmp_path / "decoder.toml"
    decoder.write_text(text[text.index("input = ") :], encoding="utf-8")
    assert ask(f"check {decoder}").code == 0
