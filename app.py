"""Starts the web page: python app.py [--host 0.0.0.0] [--port 7860]. Also the entry point of a Hugging Face Space."""

import argparse

from tina.errors import exit_on_user_error
from tina.options import whole
from tina.ui.page import launch

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=None, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=whole("--port", 0, 65535), default=None, help="default: 7860")
    parser.add_argument(
        "--checkpoint", default=None, help="one that ships, a folder, or OWNER/NAME (default: the first)"
    )
    launch(**vars(exit_on_user_error(parser.parse_args)))
