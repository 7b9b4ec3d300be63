"""The interactive page: plain HTML, CSS and JavaScript, put together into one file by `assemble`."""
