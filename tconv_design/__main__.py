"""`python -m tconv_design` is the command `tconv-design`."""

from tconv_design.cli import main

if __name__ == "__main__":
    main()
