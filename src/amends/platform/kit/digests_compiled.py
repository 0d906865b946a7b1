"""SHA-256 (FIPS 180-4) by the SHA instructions of x86, and CRC-32, from code that numba compiles.

A call of hashlib makes and drops an object, looks up a method and takes a lock; for 65 bytes that
is seven times the hashing. The instructions do two rounds each; `_block` writes the 64 out.
"""

from __future__ import annotations

import platform
from math import isqrt
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

_VECTOR = ir.VectorType(ir.IntType(32), 4)
_HALF = 2**32
_function: Any = cgutils.get_or_insert_function


def is_possible() -> bool:
    """Whether this processor has the instructions, and numba compiles for it as it is."""
    if any(getattr(config, name, None) for name in ("DISABLE_JIT", "CPU_NAME", "CPU_FEATURES")):
        return False
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    return x86 and bool(binding.get_host_cpu_features().get("sha"))


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def _cube_root(number: int) -> int:
    """The whole part of the cube root."""
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle)
    return low


# 32 bits behind the point of the cube roots of 64 primes, and of the square roots of eight.
_ROUND = [_cube_root(prime << 96) % _HALF for prime in _primes(64)]
_FIRST = [isqrt(prime << 64) % _HALF for prime in _primes(8)]
# The instructions hold the eight words of the state in this order.
_ORDER = (5, 4, 1, 0, 7, 6, 3, 2)
_START = np.array([_FIRST[place] for place in _ORDER], np.uint32)
_PLACE = np.array([_ORDER.index(word) for word in range(8)])


def _block(typingctx: Any, state: Any, data: Any) -> Any:  # pragma: no cover - compiled
    """`block(state, data)`: take 64 bytes at the address `data` into the 8 words at `state`."""

    def written(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        builder.call(_rounds(builder.module), given)
        return context.get_dummy_value()

    return types.void(types.uintp, types.uintp), written


def _rounds(module: Any) -> Any:
    """The function that does it, for a processor without AVX.

    SHA's instructions have no VEX form. Between instructions that have, and behind wide registers
    nobody cleared, each may wait for these: on an Intel Emerald Rapids it took 130 times as long.
    """
    shape = ir.FunctionType(ir.VoidType(), [ir.IntType(64)] * 2)
    function = _function(module, shape, "amends.sha256.block")
    if function.blocks:
        return function
    function.linkage = "internal"
    function.attributes.add("noinline")
    # llvmlite knows flags only, and writes down whatever the set holds.
    for name, value in (("target-cpu", "x86-64"), ("target-features", "+sha,+sse4.1,+ssse3")):
        set.add(function.attributes, f'"{name}"="{value}"')
    builder = ir.IRBuilder(function.append_basic_block())

    def known(name: str, takes: int) -> Any:
        found = _function(module, ir.FunctionType(_VECTOR, [_VECTOR] * takes), name)
        return lambda *values: builder.call(found, values)

    two_rounds = known("llvm.x86.sha256rnds2", 3)
    first, second = known("llvm.x86.sha256msg1", 2), known("llvm.x86.sha256msg2", 2)
    swapped = known("llvm.bswap.v4i32", 1)
    at = [builder.inttoptr(arg, _VECTOR.as_pointer()) for arg in function.args]
    low, high = _read(builder, at[0], 0), _read(builder, at[0], 1)
    old = low, high
    words = [swapped(_read(builder, at[1], place)) for place in range(4)]
    for step in range(16):
        if step >= 4:
            shifted = _picked(builder, words[2], words[3], (1, 2, 3, 4))
            sum_ = builder.add(first(words[0], words[1]), shifted)
            words = [*words[1:], second(sum_, words[3])]
        word = words[min(step, 3)]
        keyed = builder.add(word, ir.Constant(_VECTOR, _ROUND[4 * step : 4 * step + 4]))
        high = two_rounds(high, low, keyed)
        low = two_rounds(low, high, _picked(builder, keyed, keyed, (2, 3, 2, 3)))
    for place, value in enumerate((low, high)):
        store = builder.store(builder.add(value, old[place]), _at(builder, at[0], place))
        store.align = 1
    builder.ret_void()
    return function


def _at(builder: Any, pointer: Any, place: int) -> Any:
    return builder.gep(pointer, [ir.Constant(ir.IntType(32), place)])


def _read(builder: Any, pointer: Any, place: int) -> Any:
    value = builder.load(_at(builder, pointer, place))
    value.align = 1
    return value


def _picked(builder: Any, one: Any, other: Any, places: tuple[int, ...]) -> Any:
    return builder.shuffle_vector(one, other, ir.Constant(ir.VectorType(ir.IntType(32), 4), places))


block: Any = intrinsic(_block)


@njit(cache=True, nogil=True)
def digest_each(data: Any, places: Any, out: Any) -> None:  # pragma: no cover - compiled
    """See `digests.digests`; `out` is [value, 32]."""
    state = np.empty(8, np.uint32)
    last = np.empty(128, np.uint8)
    at_state, at_last, at_data = state.ctypes.data, last.ctypes.data, data.ctypes.data
    for value in range(len(places) - 1):
        first = places[value]
        size = places[value + 1] - first
        for word in range(8):
            state[word] = _START[word]
        whole = size // 64
        for one in range(whole):
            block(np.uintp(at_state), np.uintp(at_data + first + 64 * one))
        left = size - 64 * whole
        for byte in range(left):
            last[byte] = data[first + 64 * whole + byte]
        last[left] = 0x80
        end = 64 if left < 56 else 128
        last[left + 1 : end - 8] = 0
        for byte in range(8):
            last[end - 1 - byte] = (size * 8 >> 8 * byte) & 255
        block(np.uintp(at_state), np.uintp(at_last))
        if end == 128:
            block(np.uintp(at_state), np.uintp(at_last + 64))
        for word in range(8):
            held = state[_PLACE[word]]
            for byte in range(4):
                out[value, 4 * word + byte] = (held >> np.uint32(24 - 8 * byte)) & np.uint32(255)


def _table() -> Any:
    """[256] what a byte does to the checksum."""
    table: Any = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = table >> 1 ^ np.where(table & 1, np.uint32(0xEDB88320), np.uint32(0))
    return table


_TABLE = _table()


@njit(cache=True, nogil=True)
def check_each(data: Any, places: Any, out: Any) -> None:  # pragma: no cover - compiled
    """See `digests.checksums`."""
    for value in range(len(places) - 1):
        found = np.uint32(0xFFFFFFFF)
        for at in range(places[value], places[value + 1]):
            found = _TABLE[(found ^ data[at]) & np.uint32(255)] ^ found >> np.uint32(8)
        out[value] = ~found
