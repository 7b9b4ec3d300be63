"""Fail unless the tests of the frameworks ran: reads pytest's JUnit report, named on the command line.

A skip because one of them is not there, or because there was nothing to test, is a gap; one because it has no words for
a layer, or a defect, is none.
"""

import re
import sys
from collections import Counter
from xml.etree import ElementTree

FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "onnx")
BESIDE = ("flax", "onnxruntime")
"""What their plugins are tested with besides."""
MISSING = re.compile(
    rf"(?:\b|_)(?:{'|'.join((*FRAMEWORKS, *BESIDE))})\b.*(not installed|not import|[Nn]o module)|empty parameter set"
)


def main() -> None:
    """Print what ran and what was skipped; exit with a sentence if that is not enough."""
    ran: Counter[str] = Counter()
    gaps = []
    for case in ElementTree.parse(sys.argv[1]).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skip = case.find("skipped")
        if skip is None:
            ran.update(each for each in FRAMEWORKS if f"tconv-design-{each}" in name)
        elif is_gap(skip):
            gaps.append(f"{name}: {skip.get('message')}")
    for gap in gaps:
        print(f"skipped: {gap}")
    print("ran: " + ", ".join(f"{ran[each]} tests of {each}" for each in FRAMEWORKS))
    if gaps or not all(ran[each] for each in FRAMEWORKS):
        sys.exit(f"{', '.join(FRAMEWORKS)} must be tested")


def is_gap(skip: ElementTree.Element) -> bool:
    """Whether a skip leaves a framework untested."""
    return bool(MISSING.search(skip.get("message") or ""))


if __name__ == "__main__":
    main()
