"""What a verb gives: with --json it is printed."""

from __future__ import annotations

from typing import Any

Result = dict[str, Any]
