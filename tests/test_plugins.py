import subprocess
import sys

import pytest

from tconv_design import plugins
from tconv_design.errors import BackendUnavailable, UnknownBackend
from tconv_design.plugins import OWN_PLUGINS, choose, framework_version, installed, load

ENTRY = "[tconv_design.backends]\n{0} = {0}_module\n"


def by_name():
    return {each.name: each for each in installed()}


def test_numpy_is_found_through_our_own_entry_point():
    import numpy

    found = by_name()["numpy"]
    assert (found.distribution, found.framework_version) == ("tconv-design", numpy.__version__)


def test_listing_imports_neither_the_plugins_nor_numpy_nor_a_framework(site):
    site.plugin("explosive", "raise SystemExit('imported')")
    script = (
        f"import sys; sys.path.insert(0, {str(site.root)!r})\n"
        "from tconv_design.plugins import installed\n"
        "assert 'explosive' in {each.name for each in installed()}\n"
        "print(sorted({'numpy', 'torch', 'tensorflow', 'explosive_module', 'tconv_design_torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("requires", "version"),
    [
        (["tconv-design", "Acme.Net>=2"], None),
        (["acme>=1 ; extra == 'gpu'"], "4.2"),
        (["acme-cpu[fast]>=1; extra == 'cpu'"], "5.5"),
        (["acme-cpu", "acme"], "4.2"),
        (["acmeology"], None),
        ([], None),
    ],
)
def test_the_framework_is_the_requirement_named_like_the_backend(site, requires, version):
    site.plugin("acme", "", requires=requires)
    for name, its_version in (("acme", "4.2"), ("acme_cpu", "5.5"), ("acmeology", "9")):
        site.distribution(name, version=its_version)
    assert by_name()["acme"].framework_version == version


def test_a_framework_that_is_required_but_not_installed_has_no_version(site):
    site.plugin("acme", "", requires=["acme"])
    assert by_name()["acme"].framework_version is None


def test_broken_metadata_are_passed_over(site):
    (site.root / "empty-1.0.dist-info").mkdir()
    site.distribution("garbled", entry_points="[tconv_design.backends\n=\n")
    site.distribution("binary").joinpath("entry_points.txt").write_bytes(b"[tconv_design.backends]\n\xff\xfe = x\n")
    site.distribution("nameless", entry_points=ENTRY.format("nameless")).joinpath("METADATA").unlink()
    site.plugin("good", "")
    assert {"good", "numpy"} <= by_name().keys()


def test_a_distribution_that_is_on_the_path_twice_is_listed_once(site, tmp_path, monkeypatch):
    site.plugin("acme", "")
    second = tmp_path / "second"
    second.mkdir()
    monkeypatch.syspath_prepend(second)
    type(site)(second).plugin("acme", "")
    assert [each.detail for each in installed() if each.name == "acme"] == [""]


def test_two_distributions_that_offer_one_name_are_both_named(site):
    site.distribution("other-acme", entry_points=ENTRY.format("acme"), version="7")
    site.distribution("an-acme", entry_points=ENTRY.format("acme"), version="8")
    found = by_name()["acme"]
    other = {"other-acme": "an-acme 8", "an-acme": "other-acme 7"}[found.distribution]
    assert found.detail == f"{other} also offers 'acme'; {found.distribution} is used"


def test_all_that_are_installed_are_chosen_when_none_is_named(site):
    site.plugin("acme", "")
    assert {"acme", "numpy"} <= set(choose(None))


def test_named_backends_are_chosen_once_and_in_the_order_given(site):
    site.plugin("acme", "")
    assert choose(["numpy", "acme", "numpy"]) == ("numpy", "acme")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("numppy", "did you mean numpy?"), ("Torch", "did you mean torch?"), ("xyz", "known: .*numpy")],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(name, hint):
    with pytest.raises(UnknownBackend, match=f"no backend is called '{name}'; {hint.replace('?', '[?]')}"):
        choose([name])


def test_where_nothing_is_installed_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(plugins, "_entry_points", lambda: iter(()))
    with pytest.raises(BackendUnavailable, match="no backend is installed, not even numpy; run: pip install"):
        choose(None)


@pytest.mark.parametrize("name", OWN_PLUGINS)
def test_a_plugin_of_ours_that_is_not_installed_is_let_through_and_load_says_how_to_install_it(name, monkeypatch):
    monkeypatch.setattr(plugins, "_entry_points", lambda: iter(()))
    assert choose([name]) == (name,)
    with pytest.raises(BackendUnavailable) as caught:
        load(name)
    assert str(caught.value) == f"backend {name!r} is not installed; run: {OWN_PLUGINS[name]}"


def test_a_backend_is_loaded_by_name_and_no_other_plugin_is_imported(site):
    site.plugin("explosive", "raise SystemExit('imported')")
    assert framework_version(load("numpy")) == by_name()["numpy"].framework_version


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import nowhere", "is installed but does not import: ModuleNotFoundError: No module named 'nowhere'"),
        ("raise RuntimeError('two\\nlines')", "does not import: RuntimeError: two$"),
        ("raise SystemExit", "does not import: SystemExit$"),
        ("x = (", "does not import: SyntaxError: '\\(' was never closed"),
        ("", "gives no backend: its hook tconv_backend is missing or returns None; mark a function tconv_backend in"),
    ],
)
def test_a_plugin_that_does_not_import_is_unavailable_and_the_sentence_says_why(site, source, sentence):
    site.plugin("rogue", source)
    with pytest.raises(BackendUnavailable, match=f"'rogue' .*{sentence}"):
        load("rogue")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("api_version = 0", "has API version 0, and this tconv-design takes 1 to 1; upgrade the plugin"),
        ("api_version = 2", "has API version 2, and this tconv-design takes 1 to 1; upgrade tconv-design"),
        ("api_version = '1'", "has API version '1', and this"),
        ("name = 'other'", "brings a backend that is called 'other'; make them equal"),
        ("run = property()", "brings a backend without run"),
    ],
)
def test_a_backend_that_breaks_the_seam_is_unavailable_and_its_plugin_is_named(site, body, sentence):
    site.backend("rogue", body)
    with pytest.raises(BackendUnavailable, match=f"plugin 'rogue' {sentence}"):
        load("rogue")


@pytest.mark.parametrize("mistake", ["ImportError('no libfoo')", "OSError('no libfoo')", "SystemExit('no libfoo')"])
def test_a_framework_that_does_not_import_is_unavailable(mistake, site):
    site.backend("rogue", f"def version(self): raise {mistake}")
    with pytest.raises(BackendUnavailable, match=r"framework of backend 'rogue' does not import: \w+: no libfoo"):
        framework_version(load("rogue"))


def test_what_a_plugin_says_itself_about_its_framework_is_passed_on(site):
    site.backend("rogue", "def version(self): raise BackendUnavailable('acme is too old', 'upgrade it')")
    with pytest.raises(BackendUnavailable, match=r"^acme is too old; upgrade it$"):
        framework_version(load("rogue"))
