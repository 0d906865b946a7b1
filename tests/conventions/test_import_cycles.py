"""No two modules import each other, not even inside functions."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp
import pytest

pytestmark = pytest.mark.no_database


def test_modules_import_each_other_in_one_order() -> None:
    graph = grimp.build_graph("amends", "amends_demo", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 1_000
    # Raises CycleError, which names the modules of a cycle.
    TopologicalSorter(imports).prepare()
