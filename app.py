"""Starts the web page: python app.py [--host 0.0.0.0] [--port 7860], as `tina app` does. A Space's entry point, too."""

import sys

from tina.cli import main

if __name__ == "__main__":
    main(["app", *sys.argv[1:]])
