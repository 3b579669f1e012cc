"""The only import of TensorFlow and Keras; whoever needs them takes them from here.

TensorFlow ships no type stubs, so both modules and every tensor are `Any`: shapes stand in comments instead.
"""

import importlib
import logging
import os
from typing import Any

# Below fatal, TensorFlow reports as errors that there is no GPU and that a cache entry is binary.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

Tensor = Any

tf: Any = importlib.import_module("tensorflow")
keras: Any = importlib.import_module("keras")

# Every program is traced once, as a function of its own. TensorFlow takes several of one name for a mistake.
logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())

# Two operations of XLA that TensorFlow's public API has no name for.
_xla: Any = importlib.import_module("tensorflow.compiler.tf2xla.ops.gen_xla_ops")
xla_dynamic_update_slice: Any = _xla.xla_dynamic_update_slice
xla_optimization_barrier: Any = _xla.xla_optimization_barrier
