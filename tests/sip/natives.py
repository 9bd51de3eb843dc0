"""Tests of what only a library has that was built with ``sip/native``."""

from __future__ import annotations

import pytest

from sip.pjsua.binding import has_natives

needs_natives = pytest.mark.skipif(not has_natives, reason="the wheel of PyPI has none of sip/native")
"""Nothing else is an excuse: a build of ours that lacks one of them cannot even be loaded."""
