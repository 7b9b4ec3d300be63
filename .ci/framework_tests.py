"""Fail unless the tests of the frameworks ran: reads pytest's JUnit report, named on the command line.

A case of the conformance kit that a framework has no words for is no gap; every other skip that names one of them is.
"""

import re
import sys
from collections import Counter
from xml.etree import ElementTree

FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "onnx")
NO_WORDS = re.compile(r"[\w-]+ cannot express ")


def main() -> None:
    """Print what ran and what was skipped; exit with a sentence if that is not enough."""
    ran: Counter[str] = Counter()
    gaps = []
    for case in ElementTree.parse(sys.argv[1]).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skip = case.find("skipped")
        if skip is None:
            ran.update(each for each in FRAMEWORKS if f"tconv-design-{each}" in name)
        elif is_gap(name, skip):
            gaps.append(f"{name}: {skip.get('message')}")
    for gap in gaps:
        print(f"skipped: {gap}")
    print("ran: " + ", ".join(f"{ran[each]} tests of {each}" for each in FRAMEWORKS))
    if gaps or not all(ran[each] for each in FRAMEWORKS):
        sys.exit(f"{', '.join(FRAMEWORKS)} must be tested")


def is_gap(name: str, skip: ElementTree.Element) -> bool:
    """Whether a skip leaves a framework untested; an expected failure has run."""
    reason = skip.get("message") or ""
    about = any(each in name + reason for each in FRAMEWORKS)
    return about and skip.get("type") == "pytest.skip" and not NO_WORDS.match(reason)


if __name__ == "__main__":
    main()
