"""The scan is compiled by a process beside, before it is needed."""

from __future__ import annotations

from amends.engines.detection.warm_up import compile_scan, compiling

_PATIENCE_S = 240


def test_a_process_beside_compiles_and_ends_well() -> None:
    process = compiling()
    process.join(_PATIENCE_S)
    assert process.exitcode == 0


def test_the_counts_it_scans_compile_what_is_left_to_single_cells_too() -> None:
    from amends.engines.detection.baseline import irregular_cells as apart
    from amends.engines.detection.baseline import kernel

    compile_scan()
    assert kernel._fit.signatures
    assert apart.fit.signatures
