"""What these tests share with those of the edge: a whole bus."""

from tests.edge.conftest import whole

__all__ = ["whole"]
