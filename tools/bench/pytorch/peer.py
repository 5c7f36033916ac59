"""PyTorch side of `fermata bench`, which starts it and exchanges lines of JSON with it on standard input and output.

The first line describes the task; each later line requests repetitions of a part, and the answer lists their seconds.
It ends with its standard input. See tools/bench/src/protocol.ts.
"""

import json
import sys


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr  # output of libraries must not mix with answers

    def answer(**values):
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    try:
        import torch
    except ImportError as error:
        answer(error=str(error), missing=True)
        return
    from batches import Batches
    from sampling import Sampling
    from tensors import load
    from training import Training

    kinds = {"train": Training, "sample": Sampling, "data": Batches}
    work = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["command"] == "prepare":
                task, compiled = request["task"], request["compiled"]
                if compiled and not hasattr(torch, "compile"):
                    answer(error="torch.compile came with PyTorch 2", missing=True)
                    return
                torch.manual_seed(1)
                torch.set_num_threads(task["threads"])
                tensors = load(request["tensors"]) if "tensors" in request else {}
                work = kinds[task["kind"]](task, tensors, compiled)
                for part in request["parts"]:
                    work.run(part)  # compiles, and warms up
                answer(version=torch.__version__, check=list(work.check))
            else:
                answer(values=[work.run(request["part"]) for _ in range(request["repetitions"])])
        except Exception as error:  # the other side interprets it
            answer(error=f"{type(error).__name__}: {error}".splitlines()[0])
            return


main()
