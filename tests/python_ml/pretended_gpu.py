"""A GPU that is not there, for the tests of code that runs on one.

Tensors that are put on "cuda" say that they are on a device of their own, and compute
on the CPU. As on a GPU, numpy cannot read them and they do not mix with tensors that
are elsewhere, so that a transfer that is missing is an error. Speed, memory and the
arithmetic of a real GPU are not pretended.
"""

from contextlib import ExitStack, contextmanager
from unittest import mock

import torch
from torch.utils import backend_registration
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

NAME = "cudalike"
# With an index on the CPU a GPU is content; a tensor of one number goes anywhere.
MIXING = ("_to_copy", "copy_", "index", "index_put_", "_index_put_impl_")


class OnGpu(torch.Tensor):
    """A tensor that says that it is on a GPU; `inner` is what it holds, on the CPU."""

    @staticmethod
    def __new__(cls, inner):
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            inner.size(),
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=f"{NAME}:0",
        )
        made.inner = inner
        return made

    @classmethod
    def __torch_dispatch__(cls, function, _types, arguments=(), named=None):
        return computed(function, arguments, named or {})

    def tolist(self):
        return self.inner.tolist()

    def __reduce_ex__(self, protocol):
        return self.inner.__reduce_ex__(protocol)


class Gpu(TorchDispatchMode):
    """Takes care of tensors that are made on the GPU, or sent there."""

    def __torch_dispatch__(self, function, _types, arguments=(), named=None):
        return computed(function, arguments, named or {})


def computed(function, arguments, named):
    """Compute on the CPU, and say that the result is where a GPU would have left it."""
    name = function.overloadpacket.__name__
    tensors = [
        leaf
        for leaf in tree_leaves((arguments, named))
        if isinstance(leaf, torch.Tensor)
    ]
    is_on_gpu = [isinstance(tensor, OnGpu) for tensor in tensors]
    if any(is_on_gpu) and name not in MIXING:
        for tensor, is_there in zip(tensors, is_on_gpu, strict=True):
            if not is_there and tensor.dim():
                raise RuntimeError(f"{function} of tensors on the GPU and on the CPU.")
    to_gpu = any(is_on_gpu)
    if name in MIXING and name != "_to_copy":
        to_gpu = is_on_gpu[0]
        if not to_gpu and name != "copy_" and any(is_on_gpu):
            raise RuntimeError(f"{function} of a tensor on the CPU by one on the GPU.")
    if named.get("device") is not None:
        to_gpu = torch.device(named["device"]).type in ("cuda", NAME)
        named = named | {"device": torch.device("cpu")}
    if named.get("pin_memory"):
        named = named | {"pin_memory": False}
    inner = [
        tree_map(lambda leaf: leaf.inner if isinstance(leaf, OnGpu) else leaf, part)
        for part in (arguments, named)
    ]
    found = function(*inner[0], **inner[1])
    if function._schema.name.endswith("_"):
        return arguments[0]
    return tree_map(
        lambda leaf: OnGpu(leaf) if to_gpu and isinstance(leaf, torch.Tensor) else leaf,
        found,
    )


class _Backend(backend_registration._DummyBackendModule):
    def get_rng_state(self, _device=None):
        return None

    def set_rng_state(self, _state, _device=None):
        pass


class _Event:
    def record(self, _stream):
        pass

    def synchronize(self):
        pass


@contextmanager
def pretended_gpu():
    """Have "cuda:0" within the block; what it registers stays in the process."""
    if not hasattr(torch, NAME):
        backend_registration._setup_privateuseone_for_python_backend(NAME, _Backend())
    replaced = {
        "torch.cuda._lazy_init": lambda: None,
        "torch.cuda.is_available": lambda: True,
        "torch.cuda.device_count": lambda: 1,
        "torch.cuda.get_device_capability": lambda *_: (9, 0),
        "torch.cuda.is_bf16_supported": lambda *_: True,
        "torch.cuda.current_stream": lambda *_: None,
        "torch.cuda.Event": _Event,
        "torch.Tensor.pin_memory": lambda tensor: tensor,
        # Views of inference tensors cannot be tensors of a class of our own.
        "torch.inference_mode": torch.no_grad,
    }
    with ExitStack() as stack:
        for name, instead in replaced.items():
            stack.enter_context(mock.patch(name, instead))
        stack.enter_context(Gpu())
        yield
