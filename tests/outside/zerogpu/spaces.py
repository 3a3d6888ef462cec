"""ZeroGPU as a machine without a GPU can play it, in the place of the package `spaces`.

As there: it has to be imported before CUDA is touched; from then on torch says that there is a GPU; a decorated body
runs in a fork, where its arguments and its results arrive pickled; seconds are asked for before, and refused by a
`gr.Error` when they are spent ($ZERO_GPU_SECONDS). Stricter: a fork that hangs is ended, one that computes in
several threads or gives anything that is not on the CPU is an error. There is no CUDA in the fork: the CPU plays it.
What ran is a line each in $ZERO_GPU_LOG. Whatever may be lent is lent, however little it is worth, and a training is
shorter than a GPU's would be.
"""

import inspect
import io
import json
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from dataclasses import replace

import torch

if torch.cuda.is_initialized():
    raise RuntimeError("CUDA was initialised before `spaces` was imported")

STEPS = 200  # of training
MAIN, PATIENCE = os.getpid(), 600  # seconds after which a fork is taken to hang
torch.cuda.is_available = lambda: os.getpid() == MAIN
left = float(os.environ.get("ZERO_GPU_SECONDS", "120"))


def GPU(task=None, *, duration=60):
    """The decorator, for generator functions."""
    if task is None:
        return lambda body: GPU(body, duration=duration)
    assert inspect.isgeneratorfunction(task), "only generators are played here"
    module = sys.modules[task.__module__]
    for limit in ("WORTH_SECONDS", "WORTH_STEPS"):
        if hasattr(module, limit):
            setattr(module, limit, -1)

    def lent(*arguments):
        import gradio as gr

        global left
        asked = duration(*arguments) if callable(duration) else duration
        if asked > left:
            message = f"You have exceeded your free ZeroGPU quota ({asked}s requested vs. {left:.0f}s left)."
            raise gr.Error(message, title="ZeroGPU quota exceeded", print_exception=False)
        left -= asked
        yield from _forked(task, tuple(map(_shorter, arguments)), asked)

    return lent


def _shorter(argument):
    """A schedule of training of fewer steps."""
    return replace(argument, steps=min(STEPS, argument.steps)) if hasattr(argument, "sharpen") else argument


def _forked(task, arguments, asked):
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
    content, results = dumps(arguments), 0
    child = multiprocessing.get_context("fork").Process(target=_run, args=(task, content, there), daemon=True)
    child.start()
    there.close()
    try:
        while True:
            kind, value = here.recv()
            if kind == "error":
                raise RuntimeError(value)
            if kind == "end":
                break
            yield pickle.loads(value)
            results += 1
    except EOFError:
        raise RuntimeError(f"the fork of {task.__name__} hung, or died") from None
    finally:
        child.kill()
        _log({"body": task.__name__, "asked": asked, "results": results, "fork": child.pid != MAIN})


def _run(task, content, there):
    signal.alarm(PATIENCE)
    try:
        for result in task(*pickle.loads(content)):
            if torch.get_num_threads() != 1:
                raise RuntimeError("several threads compute in a fork: these are not there")
            there.send(("result", dumps(result)))
        there.send(("end", None))
    except BaseException:
        there.send(("error", traceback.format_exc()))


def dumps(content):
    """Pickled; anything that is not on the CPU is refused."""
    file = io.BytesIO()
    _OnCpu(file).dump(content)
    return file.getvalue()


class _OnCpu(pickle.Pickler):
    def persistent_id(self, content):
        if isinstance(content, torch.Tensor) and content.device.type != "cpu":
            raise RuntimeError(f"a tensor on {content.device} does not leave a fork")
        return None


def _log(row):
    with open(os.environ["ZERO_GPU_LOG"], "a") as file:
        file.write(json.dumps(row) + "\n")
