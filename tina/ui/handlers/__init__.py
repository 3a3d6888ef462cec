"""What happens when something on the page is touched. Each handler reads its fields, calls, and returns updates.

Handlers get `{component: value}` and return `{component: update}`; components that are not in it stay as they are. They
hold nothing of a visitor: generation, pictures and blend come from the visitor's own state and go back there.
"""

from tina.ui.handlers.describing import DescribeHandlers
from tina.ui.handlers.trying import TryHandlers
from tina.ui.handlers.watching import WatchHandlers


class Handlers(DescribeHandlers, WatchHandlers, TryHandlers):
    """Those of all panes."""
