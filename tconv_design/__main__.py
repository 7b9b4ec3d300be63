"""`python -m tconv_design` and the script `tconv-design`: start quickly, then hand over to `cli`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.disable()  # importing makes a lot and frees nothing: looking for garbage meanwhile would cost
    try:
        from tconv_design.cli import main as command_line

        gc.freeze()
        gc.enable()
        command_line()
    except KeyboardInterrupt:  # while still importing, or when already done
        sys.exit(130)


if __name__ == "__main__":
    main()
