"""The page in a real headless Chromium; where there is none, its tests skip and say so."""

import shutil

import pytest

from tconv_design.page.assemble import page

AXIS = {"n": 4, "k": 4, "s": 2, "b": 1, "e": 1, "o": 0, "d": 1}
START = {"kind": "tconv", "linked": True, "axes": [AXIS, AXIS], "target": None, "pin": None, "step": 0}


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, driven by playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the page is tested with playwright")
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip("the page is tested in Chromium, and there is none: install the package chromium")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    """The page as a file."""
    name = tmp_path_factory.mktemp("page") / "page.html"
    name.write_text(page(START), encoding="utf-8")
    return name


@pytest.fixture
def opened(browser, file):
    """Open the page; at the end nothing may have been asked for elsewhere, and nothing gone wrong."""
    faults, asked, pages = [], [], []

    def opened(address="", **context):
        tab = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **context}).new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: faults.append(message.text))
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.goto(file.as_uri() + address)
        pages.append(tab)
        return tab

    yield opened
    for tab in pages:
        tab.context.close()
    assert faults == []
    assert {url.partition("#")[0] for url in asked if not url.startswith("data:")} <= {file.as_uri()}
