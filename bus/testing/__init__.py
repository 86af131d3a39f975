"""What adapters are held to, ours and yours alike: suites for pytest. Needs `eai-bus[testing]`."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.suite", f"{__name__}.http_suite")
