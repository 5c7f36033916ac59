"""Writes the goldens of libs/autoencoder: whole autoencoders (figure 1), from symbols to the gradients of all weights.

Run from anywhere: python3 tools/goldens/autoencoder/autoencoder.py (needs torch; made with 1.13.0).
"""

import sys
from pathlib import Path

import torch
from torch.nn import functional as F

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from golden_file import save  # noqa: E402
from networks import Weights, affine, gated_stack, symbol_input, wavenet_logits  # noqa: E402

torch.set_default_dtype(torch.float64)
torch.manual_seed(6)

SYMBOLS, HOP, CODES, DEPTH, BETA, NU, EPSILON = 9, 2, 6, 3, 0.25, 0.3, 1e-3
LOCAL_MODEL = {"dilations": [1, 2], "width": 2, "channels": 3, "gate": 2, "skip": 4, "head": 5}


def encoder(weights, symbols, one_hot, early, depth):
    channels, gate, skip = 3, 4, 8
    x = symbol_input(weights, "encoder/input", symbols, SYMBOLS, channels, one_hot)
    if early:
        # Width and stride equal hop: the same as a dense layer over the channels of the hop's timesteps, side by side.
        kernel = weights("encoder/stride/kernel", HOP * channels, channels)
        taps = kernel.reshape(HOP, channels, channels).permute(2, 1, 0)
        x = F.conv1d(x.transpose(1, 2), taps, weights("encoder/stride/bias", channels), stride=HOP).transpose(1, 2)
    x = gated_stack(weights, "encoder/stack", x, [1, 2], 3, gate, skip, causal=False)
    hidden = F.relu(affine(weights, "encoder/head/hidden", F.relu(x), skip))
    if early:
        return affine(weights, "encoder/head/query", hidden, depth)
    # Follows figure 1: the mean comes last.
    queries = affine(weights, "encoder/head/query", hidden, depth)
    return F.avg_pool1d(queries.transpose(1, 2), HOP).transpose(1, 2)


def vector_quantiser(query, codebook):
    codes = torch.cdist(query.detach().reshape(-1, DEPTH), codebook).argmin(1).reshape(query.shape[:2])
    nearest = codebook[codes]
    return query, nearest, codes, BETA * ((nearest - query) ** 2).sum(2).mean()


def argmax_quantiser(query):
    positive = F.relu(query)
    p = positive / (positive.sum(2, keepdim=True) + EPSILON)
    codes = p.argmax(2)
    loss = NU * ((p.mean((0, 1)) * CODES - 1) ** 2).sum()
    return p, F.one_hot(codes, CODES).double(), codes, loss


def autoencoder(one_hot, early, argmax):
    weights = Weights()
    symbols = torch.randint(0, SYMBOLS, (2, 24))
    query = encoder(weights, symbols, one_hot, early, CODES if argmax else DEPTH)
    # Rounded to 32 bits, as the tests read it from the file.
    codebook = query.detach().reshape(-1, query.shape[2])[:CODES].float().double()
    p, nearest, codes, penalty = argmax_quantiser(query) if argmax else vector_quantiser(query, codebook)
    quantised = p + (nearest - p).detach()
    x = quantised @ weights("modulator/input/kernel", quantised.shape[2], 3) + weights("modulator/input/bias", 3)
    conditioning = gated_stack(weights, "modulator/stack", x, [1], 3, 2, 4, causal=False)
    logits = wavenet_logits(weights, "localModel/", symbols, SYMBOLS, LOCAL_MODEL, True, conditioning, HOP)
    # A single code tests nothing.
    assert codes.unique().numel() > 2, "too few codes: take another seed"
    nll = F.cross_entropy(logits.transpose(1, 2), symbols, reduction="none")
    loss = nll.mean() + penalty
    loss.backward()
    return {
        "symbols": symbols,
        "query": query,
        **({} if argmax else {"codebook": codebook}),
        "codes": codes,
        "conditioning": conditioning,
        "nll": nll,
        "loss": loss,
        **weights,
        **weights.gradients(),
    }


save(
    FOLDER / "autoencoder.json",
    {
        "VQ-VAE": autoencoder(one_hot=False, early=False, argmax=False),
        "VQ-VAE with early downsampling": autoencoder(one_hot=True, early=True, argmax=False),
        "AMAE": autoencoder(one_hot=True, early=False, argmax=True),
    },
)
