"""What a shell completes, and the script that makes it."""

import os
import subprocess
import sys

import pytest


def completed(start, words, **environment):
    cursor = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    process = start([], environment={"_TCONV_DESIGN_COMPLETE": "complete_bash", **cursor, **environment})
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    return out.decode().split()


def test_commands_are_completed(start):
    assert completed(start, "tconv-design so") == ["solve"]


def test_options_are_completed(start):
    assert completed(start, "tconv-design verify --ba") == ["--backend"]


def test_backends_are_completed_from_metadata_only(start, site, on_path):
    site.plugin("acme", "raise SystemExit('imported')")
    site.plugin("acre", "raise SystemExit('imported')")
    assert completed(start, "tconv-design verify --backend ac", **on_path) == ["acme", "acre"]
    assert {"acme", "acre", "numpy"} <= set(completed(start, "tconv-design verify --backend ", **on_path))


def test_completing_a_backend_imports_no_framework_nor_numpy(monkeypatch, site, tmp_path):
    code = (
        "import sys; sys.argv = ['tconv-design']\n"
        "from tconv_design.cli import run\n"
        "assert run([]) == 0\n"
        "print({'numpy', 'torch', 'tensorflow', 'keras', 'acme_module'} & set(sys.modules))"
    )
    site.plugin("acme", "")
    monkeypatch.setenv("_TCONV_DESIGN_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "tconv-design verify --backend ac")
    monkeypatch.setenv("COMP_CWORD", "3")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site.root), *filter(None, sys.path)]))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.stdout, done.stderr) == ("acme\nset()\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_that_completes_can_be_shown(start, shell):
    environment = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    out, err = start(f"--show-completion {shell}", environment=environment).communicate(timeout=30)
    assert (err, b"_TCONV_DESIGN_COMPLETE" in out) == (b"", True)


def test_the_script_that_completes_can_be_installed(start, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "USERPROFILE": str(home), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    process = start("--install-completion bash", environment=environment)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert b"completion installed" in out
    assert "_TCONV_DESIGN_COMPLETE" in (home / ".bash_completions" / "tconv-design.sh").read_text("utf-8")
