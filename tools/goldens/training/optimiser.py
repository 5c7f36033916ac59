"""Goldens of libs/training's optimiser, in double precision, by PyTorch: writes optimiser.json beside this file.

Run from anywhere: python3 tools/goldens/training/optimiser.py
"""

import json
import pathlib

import numpy
import torch

torch.manual_seed(5)


def array(value):
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    value = numpy.asarray(value)
    return {"shape": list(value.shape), "dtype": "float32", "values": [float(f"{v:.9g}") for v in value.ravel()]}


def save(cases):
    path = pathlib.Path(__file__).with_suffix(".json")
    cases = {name: {key: array(value) for key, value in case.items()} for name, case in cases.items()}
    path.write_text(json.dumps(cases) + "\n")


def random(*shape):
    # Rounded to 32 bits, as the tests read it from the file.
    return torch.randn(*shape).float().double()


def adam(steps=12, learning_rate=0.03, betas=(0.8, 0.95), epsilon=1e-3, maximum=3.15, decay=0.6):
    """Adam with gradients clipped by their global norm, and an exponential moving average of the weights."""
    model = torch.nn.Module()
    model.kernel = torch.nn.Parameter(random(2, 3))
    model.bias = torch.nn.Parameter(random(3))
    case = {"initial/kernel": model.kernel, "initial/bias": model.bias}
    case = {key: value.detach().clone() for key, value in case.items()}
    gradients = {"kernel": random(steps, 2, 3), "bias": random(steps, 3)}
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate, betas=betas, eps=epsilon)

    def average(averaged, weight, count):
        # PyTorch calls this from its second update on; the first update copies. count is the number of steps made.
        warm = min(decay, (1 + int(count)) / (10 + int(count)))
        return warm * averaged + (1 - warm) * weight

    averaged = torch.optim.swa_utils.AveragedModel(model, avg_fn=average)
    averaged.update_parameters(model)
    track = {f"{what}/{name}": [] for what in ("weights", "averages") for name in gradients}
    track["norms"] = []
    for step in range(steps):
        for name, gradient in gradients.items():
            getattr(model, name).grad = gradient[step].clone()
        track["norms"].append(torch.nn.utils.clip_grad_norm_(model.parameters(), maximum))
        optimiser.step()
        averaged.update_parameters(model)
        for name in gradients:
            track[f"weights/{name}"].append(getattr(model, name).detach().clone())
            track[f"averages/{name}"].append(getattr(averaged.module, name).detach().clone())
    for name in gradients:
        moments = optimiser.state[getattr(model, name)]
        case[f"first/{name}"] = moments["exp_avg"]
        case[f"second/{name}"] = moments["exp_avg_sq"]
    return {
        **case,
        **{f"gradients/{name}": gradient for name, gradient in gradients.items()},
        **{key: torch.stack(values) for key, values in track.items()},
    }


def schedules(steps=20, learning_rate=0.1, final=0.05, every=6, warm_up=5):
    """Learning rates by step, each by PyTorch's own scheduler."""
    made = {
        "halving": lambda o: torch.optim.lr_scheduler.StepLR(o, every, 0.5),
        "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, final ** (1 / steps)),
        "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, steps, eta_min=final * learning_rate),
        "warmUp": lambda o: torch.optim.lr_scheduler.LinearLR(o, 1 / warm_up, 1.0, warm_up - 1),
    }
    rates = {}
    for name, make in made.items():
        optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=learning_rate)
        scheduler = make(optimiser)
        rates[name] = []
        for _ in range(steps):
            rates[name].append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            scheduler.step()
    return rates


save({"adam": adam(), "schedules": schedules()})
