"""Ask memory for a value before it is needed; numba has no instruction for it, the processor does.

A state of a million lines lies outside the caches. Waiting for one line of it takes as long as
counting ten records, but a processor can wait for a dozen at once when it knows which come next.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

AHEAD = 24
"""How many records ahead of its turn a record's memory is asked for."""


def _prefetch(typingctx: Any, array: Any, index: Any) -> Any:  # pragma: no cover - compiled
    """`prefetch(array, place)`: the line of `array[place]` will be read and written soon.

    array  one-dimensional and contiguous; place  within it
    """

    def written(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_value = context.make_array(signature.args[0])(context, builder, arguments[0])
        word, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        address = builder.bitcast(builder.gep(array_value.data, [arguments[1]]), byte)
        shape = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        name = "llvm.prefetch.p0"
        function = builder.module.globals.get(name) or ir.Function(builder.module, shape, name)
        builder.call(function, [address, word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, index), written


prefetch: Any = intrinsic(_prefetch)
